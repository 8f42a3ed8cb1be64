// Command drawsample draws the pictures of the sample site. It is run by hand,
// from the top of the repository, when a scene changes; the pictures are kept
// with the notes that show them.
//
//	go run ./cmd/drawsample
//
// Uploads go where the media endpoint would put them, under the SHA-256 of
// their bytes. A picture that changed has a new name, which is printed for its
// note to be corrected by hand; the old file has to be removed by hand too. A
// scene gives the same bytes at every run, though not on every kind of
// processor: floating-point sums may round differently.
package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"image/jpeg"
	"image/png"
	"log"
	"os"
	"path/filepath"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("drawsample: ")
	pictures := []struct {
		name          string // without a folder: an upload, named by its hash
		width, height int    // pixels
		draw          scene
	}{
		{"static/ida.png", 192, 192, portrait},
		{"content/trips/gull-island/harbour.png", 1000, 560, harbour},
		{"low-tide.jpg", 1200, 800, lowTide},
		{"barometer.jpg", 900, 900, barometer},
		{"night.jpg", 840, 840, night},
	}
	for _, p := range pictures {
		name, err := save(p.name, p.draw, p.width, p.height)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(name)
	}
}

// save writes one picture and returns the path that it has.
func save(name string, s scene, width, height int) (string, error) {
	var b bytes.Buffer
	img := render(s, width, height)
	var err error
	if filepath.Ext(name) == ".png" {
		err = (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&b, img)
	} else {
		err = jpeg.Encode(&b, img, &jpeg.Options{Quality: 78})
	}
	if err != nil {
		return "", fmt.Errorf("encode %s: %w", name, err)
	}
	if filepath.Dir(name) == "." {
		sum := sha256.Sum256(b.Bytes())
		hash := hex.EncodeToString(sum[:])
		name = filepath.Join("media", hash[:2], hash+filepath.Ext(name))
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		return "", err
	}
	return name, os.WriteFile(name, b.Bytes(), 0o666)
}
