package main

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"image"
	"image/png"
	"math/rand/v2"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

const (
	uploadClients = 4
	uploadPixels  = 2600 // squared, three bytes each: 20 MB
)

// idle waits for the program to come to rest, and prints its memory.
func (s *server) idle(plan) error {
	time.Sleep(5 * time.Second)
	all, own := s.memory()
	fmt.Printf("  memory when idle               %8.0f MiB, %.0f without the program's file\n", all, own)
	return nil
}

// sequence posts one note after the other.
func (s *server) sequence(p plan) error {
	random := rand.New(rand.NewPCG(3, 4))
	took := make([]time.Duration, p.posts)
	before := s.processor()
	for i := range took {
		var err error
		if took[i], err = s.post(s.next(random)); err != nil {
			return err
		}
	}
	fmt.Printf("  a post, durable and live       %s (%d)\n", spread(took), p.posts)
	fmt.Printf("  processor time of a post       %8.1f ms\n", (s.processor()-before)*1000/float64(p.posts))
	return nil
}

// next returns the text of another note.
func (s *server) next(random *rand.Rand) string {
	s.posted++
	return fmt.Sprintf("%d %s", s.posted, sentence(random))
}

// bursts posts with several clients at once.
func (s *server) bursts(p plan) error {
	random := rand.New(rand.NewPCG(5, 6))
	for _, clients := range []int{1, 4, 8} {
		texts := make(chan string, p.burst)
		for range p.burst {
			texts <- s.next(random)
		}
		close(texts)
		began := time.Now()
		err := together(clients, func() error {
			for text := range texts {
				if _, err := s.post(text); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		fmt.Printf("  posts a second, %d at once      %8.0f\n", clients, float64(p.burst)/time.Since(began).Seconds())
	}
	return nil
}

// together runs f so many times at once, and returns the first error.
func together(clients int, f func() error) error {
	var group sync.WaitGroup
	failed := make(chan error, clients)
	for range clients {
		group.Go(func() { failed <- f() })
	}
	group.Wait()
	close(failed)
	for err := range failed {
		if err != nil {
			return err
		}
	}
	return nil
}

// queries requests lists of notes.
func (s *server) queries(p plan) error {
	now := time.Now()
	behind := func(age time.Duration) string {
		return "&after=" + base64.RawURLEncoding.EncodeToString([]byte(strconv.FormatInt(now.Add(-age).Unix(), 10)+" /"))
	}
	for _, q := range []struct{ name, query string }{
		{"q=source, the newest 20", ""},
		{"q=source, 20 of last year", behind(365 * 24 * time.Hour)},
		{"q=source, with a common word", "&filter=harbour"},
		{"q=source, with a word of none", "&filter=" + url.QueryEscape("no such words")},
	} {
		took := make([]time.Duration, p.asks)
		for i := range took {
			began := time.Now()
			status, answer, err := s.send("GET", "micropub?q=source&limit=20"+q.query, "", nil)
			took[i] = time.Since(began)
			if err == nil && status != http.StatusOK {
				err = fmt.Errorf("%s: %d %s", q.query, status, answer)
			}
			if err != nil {
				return err
			}
		}
		fmt.Printf("  %-30s %s (%d)\n", q.name, spread(took), p.asks)
	}
	return nil
}

// uploads sends large pictures at once and watches the memory meanwhile.
func (s *server) uploads(plan) error {
	pictures := make(chan []byte, uploadClients)
	for i := range uploadClients {
		data, err := picture(uint64(i))
		if err != nil {
			return err
		}
		pictures <- data
	}
	var most, mostOwn float64
	var done atomic.Bool
	var watch sync.WaitGroup
	watch.Go(func() {
		for !done.Load() {
			all, own := s.memory()
			most, mostOwn = max(most, all), max(mostOwn, own)
			time.Sleep(5 * time.Millisecond)
		}
	})
	began := time.Now()
	err := together(uploadClients, func() error { return s.upload(<-pictures) })
	took := time.Since(began)
	done.Store(true)
	watch.Wait()
	if err != nil {
		return err
	}
	fmt.Printf("  %d uploads of 20 MB at once     %8.2f s, at most %.0f MiB, %.0f without the program's file\n", uploadClients, took.Seconds(), most, mostOwn)
	return nil
}

// picture returns a PNG of noise, which can't be compressed.
func picture(seed uint64) ([]byte, error) {
	img := image.NewNRGBA(image.Rect(0, 0, uploadPixels, uploadPixels))
	random := rand.New(rand.NewPCG(seed, 8))
	for i := range img.Pix {
		img.Pix[i] = byte(random.Uint32())
		if i%4 == 3 {
			img.Pix[i] = 255
		}
	}
	var b bytes.Buffer
	err := (&png.Encoder{CompressionLevel: png.NoCompression}).Encode(&b, img)
	return b.Bytes(), err
}

func (s *server) upload(data []byte) error {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", "noise.png")
	if err != nil {
		return err
	}
	if _, err := part.Write(data); err != nil {
		return err
	}
	if err := form.Close(); err != nil {
		return err
	}
	status, answer, err := s.send("POST", "micropub/media", form.FormDataContentType(), &body)
	if err == nil && status != http.StatusCreated {
		err = fmt.Errorf("an upload was answered %d %s", status, answer)
	}
	return err
}

// spread returns the median of some times, and their 99th percentile.
func spread(took []time.Duration) string {
	slices.Sort(took)
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	return fmt.Sprintf("%8.1f ms p50, %.1f ms p99", ms(took[len(took)/2]), ms(took[len(took)*99/100]))
}
