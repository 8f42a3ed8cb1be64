package main

import (
	"image"
	"image/color"
	"math"
)

// A scene gives the colour at a point. Points run from 0,0 at the top left to
// width/height,1 at the bottom right.
type scene func(x, y float64) rgb

// An rgb is a colour of which each part runs from 0 to 1.
type rgb struct{ r, g, b float64 }

// samples is how many points along each axis make one pixel.
const samples = 4

// render draws a scene, each pixel the average of samples² points.
func render(s scene, width, height int) image.Image {
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	unit := 1 / float64(height*samples)
	for py := range height {
		for px := range width {
			var sum rgb
			for i := range samples * samples {
				x := float64(px*samples+i%samples) * unit
				y := float64(py*samples+i/samples) * unit
				c := s(x, y)
				sum = rgb{sum.r + c.r, sum.g + c.g, sum.b + c.b}
			}
			img.SetRGBA(px, py, sum.pixel(samples*samples))
		}
	}
	return img
}

// pixel returns the mean of n colours, with eight bits a part.
func (c rgb) pixel(n float64) color.RGBA {
	part := func(v float64) uint8 { return uint8(math.Round(255 * clamp(v/n))) }
	return color.RGBA{part(c.r), part(c.g), part(c.b), 255}
}

// hexColour returns a colour written as in a style sheet, 0xRRGGBB.
func hexColour(v int) rgb {
	return rgb{float64(v>>16) / 255, float64(v>>8&255) / 255, float64(v&255) / 255}
}

// mix returns a at t = 0 and b at t = 1, and mixtures between.
func mix(a, b rgb, t float64) rgb {
	t = clamp(t)
	return rgb{a.r + (b.r-a.r)*t, a.g + (b.g-a.g)*t, a.b + (b.b-a.b)*t}
}

func clamp(v float64) float64 { return math.Max(0, math.Min(1, v)) }

// within reports whether a point is in an ellipse around cx,cy.
func within(x, y, cx, cy, rx, ry float64) bool {
	dx, dy := (x-cx)/rx, (y-cy)/ry
	return dx*dx+dy*dy <= 1
}

// inside reports whether a point is in a polygon, given as x,y pairs.
func inside(x, y float64, p ...float64) bool {
	in := false
	for i, j := 0, len(p)-2; i < len(p); j, i = i, i+2 {
		if (p[i+1] > y) != (p[j+1] > y) && x < (p[j]-p[i])*(y-p[i+1])/(p[j+1]-p[i+1])+p[i] {
			in = !in
		}
	}
	return in
}

// turn returns the point x,y turned by angle (radians) around cx,cy.
func turn(x, y, cx, cy, angle float64) (float64, float64) {
	sin, cos := math.Sincos(angle)
	x, y = x-cx, y-cy
	return cx + x*cos - y*sin, cy + x*sin + y*cos
}

// ripple returns an uneven wave between -1 and 1, a different one for each seed.
func ripple(x, seed float64) float64 {
	return 0.5*math.Sin(x*5.1+seed) + 0.3*math.Sin(x*11.7+seed*2.3) + 0.2*math.Sin(x*23.9+seed*4.1)
}

// scatter returns a number between 0 and 1 that only looks random.
func scatter(i, j int) float64 {
	v := math.Sin(float64(i)*127.1+float64(j)*311.7) * 43758.5453
	return v - math.Floor(v)
}
