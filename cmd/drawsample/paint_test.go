package main

import (
	"image/color"
	"testing"
)

func TestInside(t *testing.T) {
	triangle := []float64{0, 0, 1, 0, 0, 1}
	tests := []struct {
		name string
		x, y float64
		want bool
	}{
		{"a point by the right angle is inside", 0.1, 0.1, true},
		{"a point beyond the long side is outside", 0.6, 0.6, false},
		{"a point above is outside", 0.5, -0.1, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := inside(tt.x, tt.y, triangle...); got != tt.want {
				t.Errorf("inside(%v, %v) = %v, want %v", tt.x, tt.y, got, tt.want)
			}
		})
	}
}

func TestRenderBlendsThePixelsOfAnEdge(t *testing.T) {
	halves := func(x, _ float64) rgb {
		if x < 0.75 {
			return rgb{0, 0, 0}
		}
		return rgb{1, 1, 1}
	}
	img := render(halves, 2, 2) // the edge runs through the middle of the right column
	for x, want := range []color.RGBA{{0, 0, 0, 255}, {128, 128, 128, 255}} {
		if got := img.At(x, 0); got != want {
			t.Errorf("pixel %d,0 is %v, want %v", x, got, want)
		}
	}
}
