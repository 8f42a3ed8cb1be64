package main

import "math"

// portrait draws a person in a woollen hat, in front of the sun.
func portrait(x, y float64) rgb {
	switch {
	case within(x, y, 0.5, 0.155, 0.055, 0.055):
		return hexColour(0xf3e6d2) // bobble
	case inside(x, y, 0.285, 0.40, 0.285, 0.345, 0.715, 0.345, 0.715, 0.40):
		return hexColour(0x7d2f12) // brim
	case y < 0.36 && within(x, y, 0.5, 0.37, 0.205, 0.19):
		return hexColour(0xa8441d) // hat
	case y > 0.38 && within(x, y, 0.5, 0.455, 0.165, 0.205):
		return hexColour(0xeab894) // face
	case inside(x, y, 0.435, 0.60, 0.565, 0.60, 0.575, 0.75, 0.425, 0.75):
		return hexColour(0xd39b76) // neck
	case y > 0.70 && within(x, y, 0.5, 0.735, 0.17, 0.055):
		return hexColour(0xf3e6d2) // collar
	case y > 0.36 && y < 0.69 && within(x, y, 0.5, 0.49, 0.245, 0.26):
		return hexColour(0x5b3522) // hair
	case within(x, y, 0.5, 1.10, 0.42, 0.40):
		if math.Mod(y, 0.09) < 0.022 {
			return hexColour(0xe8dcc8)
		}
		return hexColour(0x23485c) // jumper
	case within(x, y, 0.5, 0.45, 0.40, 0.40):
		return hexColour(0xf4c987) // sun
	}
	return hexColour(0xe9a86a)
}

// lowTide draws a bay at dawn at low water with a leaning boat.
func lowTide(x, y float64) rgb {
	const shore = 0.52
	if boat, ok := leaningBoat(x, y); ok {
		return boat
	}
	if y < shore {
		return dawn(x, y, shore)
	}
	sky := dawn(x, 2*shore-y+0.012*ripple(y*40, x*3), shore)
	sand := mix(hexColour(0xb7957a), hexColour(0x5d4a45), (y-shore)*2.1)
	pool := ripple(x*0.7+y*3, 1.3) + 0.6*math.Sin(y*y*70)
	if pool > 0.18 {
		return mix(sky, sand, 0.18+(y-shore)*0.5)
	}
	return mix(sand, sky, 0.16)
}

// dawn draws the sky, the sun and three headlands above the shore.
func dawn(x, y, shore float64) rgb {
	heights := []float64{0.030, 0.065, 0.11}
	colours := []int{0x6f6670, 0x968391, 0xc0a3a3}
	for i, h := range heights {
		land := shore - h*(0.55+0.45*ripple(x*(0.5+0.2*float64(i)), 2.2*float64(i)+0.4)) + 0.035*float64(i)*(x-0.75)
		if y > land {
			return hexColour(colours[i])
		}
	}
	if within(x, y, 1.02, 0.335, 0.062, 0.062) {
		return hexColour(0xfff1cf)
	}
	sky := mix(hexColour(0x7f95a8), hexColour(0xf3c9a1), math.Pow(y/shore, 1.4))
	glow := math.Exp(-6 * math.Hypot(x-1.02, y-0.335))
	if cloud := ripple(x*0.5+0.2*y, 5) + 0.8*math.Sin(y*71+2*x); cloud > 1.12 {
		sky = mix(sky, hexColour(0xfbe3c6), 0.30)
	}
	return mix(sky, hexColour(0xffdf9f), glow)
}

// leaningBoat draws a clinker dinghy with its mast, on its side.
func leaningBoat(x, y float64) (rgb, bool) {
	const cx, cy = 0.42, 0.74
	px, py := turn(x, y, cx, cy, 0.20)
	switch {
	case inside(px, py, cx-0.20, cy-0.055, cx+0.22, cy-0.075, cx+0.225, cy-0.06, cx-0.205, cy-0.04):
		return hexColour(0xf0e2cb), true // gunwale
	case inside(px, py, cx-0.205, cy-0.042, cx+0.225, cy-0.062, cx+0.17, cy+0.035, cx-0.14, cy+0.045):
		if math.Mod(py-cy+1, 0.024) < 0.004 {
			return hexColour(0x6d2a12), true
		}
		return hexColour(0x9b4420), true // planks
	case inside(px, py, cx-0.005, cy-0.46, cx+0.006, cy-0.46, cx+0.011, cy-0.06, cx-0.009, cy-0.06):
		return hexColour(0x4a3629), true // mast
	case inside(px, py, cx-0.14, cy-0.10, cx+0.004, cy-0.115, cx+0.004, cy-0.10, cx-0.14, cy-0.085):
		return hexColour(0xe9dcc6), true // furled sail on the boom
	case within(x, y, cx+0.01, cy+0.06, 0.21, 0.022):
		return hexColour(0x4e3d38), true // shadow
	}
	return rgb{}, false
}

// barometer draws a brass instrument on a green wall.
func barometer(x, y float64) rgb {
	wall := mix(hexColour(0x3d5a50), hexColour(0x24382f), math.Hypot(x-0.35, y-0.3))
	if math.Mod(x, 0.125) < 0.003 {
		wall = mix(wall, hexColour(0x16241e), 0.5)
	}
	dx, dy := x-0.5, y-0.5
	r := math.Hypot(dx, dy)
	switch {
	case r < 0.025:
		return hexColour(0xb98a3e)
	case r < 0.31:
		return dial(dx, dy, r)
	case r < 0.375:
		light := 0.5 + 0.5*math.Cos(math.Atan2(dy, dx)+2.2)
		ring := mix(hexColour(0x7a5520), hexColour(0xf0d08a), light*light)
		return mix(ring, hexColour(0x5b3d14), math.Abs(r-0.3425)*14)
	}
	return mix(hexColour(0x101a16), wall, (math.Hypot(dx-0.02, dy-0.035)-0.365)*14)
}

// dial draws the face: a scale of 270 degrees, the needle and the set hand.
func dial(dx, dy, r float64) rgb {
	paper := mix(hexColour(0xf8f0df), hexColour(0xe2d3b5), r*2.6)
	ink := hexColour(0x2d2520)
	nx, ny := turn(dx, dy, 0, 0, -0.62)
	sx, sy := turn(dx, dy, 0, 0, 0.35)
	angle := math.Mod(math.Atan2(dx, -dy)+2*math.Pi, 2*math.Pi)
	onScale := angle < 2.36 || angle > 3.93
	step := math.Abs(math.Mod(angle+math.Pi/160, math.Pi/40)-math.Pi/160) * r
	long := math.Abs(math.Mod(angle+math.Pi/40, math.Pi/8)-math.Pi/40) * r
	switch {
	case inside(nx, ny, -0.006, 0.07, 0.006, 0.07, 0.004, -0.20, 0, -0.245, -0.004, -0.20):
		return ink
	case math.Abs(sx) < 0.0028 && sy < 0.05 && sy > -0.21:
		return hexColour(0xb07a2a)
	case onScale && r > 0.235 && r < 0.285 && long < 0.0032:
		return ink
	case onScale && r > 0.262 && r < 0.285 && step < 0.0014:
		return ink
	case onScale && math.Abs(r-0.286) < 0.0016, math.Abs(r-0.115) < 0.0012:
		return ink
	}
	return paper
}

// night draws a row of houses by the water, some windows lit.
func night(x, y float64) rgb {
	const quay = 0.60
	if y < quay {
		return street(x, y, quay)
	}
	if y < quay+0.022 {
		return hexColour(0x0d1119)
	}
	blur := 0.022 * (scatter(int(y*210), 3) - 0.5) * (1 + 2*(y-quay))
	mirror := street(x+blur, 2*quay+0.022-y, quay)
	return mix(mirror, hexColour(0x0c1522), 0.35+0.7*(y-quay))
}

// street draws the part above the quay: sky, stars, moon, nine houses.
func street(x, y, quay float64) rgb {
	const n = 9
	i := int(math.Floor(x * n))
	inHouse := x*n - float64(i)
	roof := quay - 0.16 - 0.15*scatter(i, 7)
	eave := roof - 0.075*(1-2*math.Abs(inHouse-0.5))
	if y > eave {
		return house(i, inHouse, y-roof)
	}
	sky := mix(hexColour(0x0b1526), hexColour(0x2f4a63), y/quay)
	cx, cy := int(math.Floor(x*46)), int(math.Floor(y*46))
	sx, sy := (float64(cx)+0.5)/46, (float64(cy)+0.5)/46
	switch {
	case within(x, y, 0.76, 0.15, 0.055, 0.055) && !within(x, y, 0.738, 0.138, 0.05, 0.05):
		return hexColour(0xf6ecd2)
	case scatter(cx, cy) > 0.93 && math.Hypot(x-sx, y-sy) < 0.0022:
		return hexColour(0xdfe6ea)
	}
	return sky
}

// house draws the front of house i; across runs from 0 to 1, down from its eaves.
func house(i int, across, down float64) rgb {
	walls := []int{0x2b3140, 0x352f3a, 0x273540, 0x3a3330}
	wall := hexColour(walls[int(scatter(i, 1)*4)])
	if down < 0 {
		return mix(wall, hexColour(0x0d1119), 0.55)
	}
	col, row := int(across*3), int(down/0.062)
	u, v := across*3-float64(col), down/0.062-float64(row)
	if u < 0.28 || u > 0.72 || v < 0.28 || v > 0.80 {
		return wall
	}
	if scatter(i*3+col, row+11) > 0.66 && math.Abs(u-0.5) > 0.025 {
		return mix(hexColour(0xffd98a), hexColour(0xf0a04a), v)
	}
	return hexColour(0x161b26)
}

// harbour draws a flat picture of three boats in front of a harbour wall.
func harbour(x, y float64) rgb {
	for i, hull := range []int{0xa8441d, 0x23485c, 0xe8dcc8} {
		cx := 0.38 + 0.52*float64(i)
		if c, ok := sailingBoat(x-cx, y-0.62-0.03*float64(i%2), hexColour(hull)); ok {
			return c
		}
	}
	switch {
	case inside(x, y, 1.555, 0.22, 1.605, 0.22, 1.62, 0.47, 1.54, 0.47):
		if int((y-0.22)/0.0625)%2 == 0 {
			return hexColour(0xf3e6d2)
		}
		return hexColour(0xa8441d) // lighthouse
	case inside(x, y, 1.56, 0.17, 1.60, 0.17, 1.60, 0.22, 1.56, 0.22):
		return hexColour(0xf9d978)
	case inside(x, y, 0, 0.47, 1.7, 0.47, 1.73, 0.56, 0, 0.56):
		return hexColour(0x8b7b6b) // wall
	case y > 0.56+0.006*math.Sin(x*60):
		wave := math.Mod(y+0.008*math.Sin(x*40+y*90), 0.075)
		if wave < 0.006 && math.Sin(x*17+y*220) > 0.2 {
			return hexColour(0x9fc0c2)
		}
		return hexColour(0x5f9297)
	case y > 0.44-0.06*(1+ripple(x*0.55, 3)):
		return hexColour(0x9aa98a) // hill
	case within(x, y, 0.95, 0.20, 0.075, 0.075):
		return hexColour(0xfff3d6)
	}
	return hexColour(0xf6dcb8)
}

// sailingBoat draws one boat around 0,0, the middle of its waterline.
func sailingBoat(x, y float64, hull rgb) (rgb, bool) {
	switch {
	case inside(x, y, -0.16, -0.005, 0.17, -0.005, 0.11, 0.075, -0.12, 0.075):
		return hull, true
	case inside(x, y, -0.16, -0.02, 0.175, -0.02, 0.17, -0.004, -0.16, -0.004):
		return hexColour(0x3a2a20), true
	case inside(x, y, -0.004, -0.45, 0.006, -0.45, 0.006, -0.02, -0.004, -0.02):
		return hexColour(0x3a2a20), true // mast
	case inside(x, y, 0.016, -0.42, 0.145, -0.07, 0.016, -0.055):
		return hexColour(0xfbf4e6), true // mainsail
	case inside(x, y, -0.014, -0.36, -0.014, -0.06, -0.115, -0.075):
		return hexColour(0xe9a86a), true // jib
	}
	return rgb{}, false
}
