package loss

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"zombiezen.com/go/sqlite"
)

// A heldLoss is a loss that is not believed yet, as it is stored in the index.
type heldLoss struct {
	Since    int64    `json:"since"` // when these files were first found missing; seconds since the Unix epoch
	Files    int      `json:"files"`
	Examples []string `json:"examples"`
	Digest   string   `json:"digest"`  // of the names
	Empty    bool     `json:"empty"`   // the folder is or was empty: a second look proves nothing
	Allowed  bool     `json:"allowed"` // the owner confirmed it
}

// hold returns the record of a loss.
func (l *Loss) hold(now time.Time, empty bool) *heldLoss {
	files := slices.Sorted(slices.Values(l.Files))
	h := sha256.New()
	for _, file := range files {
		fmt.Fprintf(h, "%q\n", file)
	}
	return &heldLoss{
		Since: now.Unix(), Files: len(files), Examples: files[:min(maxExamples, len(files))],
		Digest: hex.EncodeToString(h.Sum(nil)), Empty: empty,
	}
}

func (s *Losses) held(ctx context.Context, folder string) (held *heldLoss, err error) {
	text, err := s.DB.State(ctx, heldKey+folder)
	if err != nil || text == "" {
		return nil, err
	}
	held = &heldLoss{}
	return held, json.Unmarshal([]byte(text), held)
}

// heldAll returns the held losses of all folders, by folder.
func (s *Losses) heldAll(ctx context.Context) (all map[string]*heldLoss, err error) {
	all = map[string]*heldLoss{}
	err = s.DB.Each(ctx, "held", nil, func(stmt *sqlite.Stmt) error {
		text := stmt.ColumnText(1)
		if text == "" {
			return nil
		}
		held := &heldLoss{}
		all[strings.TrimPrefix(stmt.ColumnText(0), heldKey)] = held
		return json.Unmarshal([]byte(text), held)
	})
	return all, err
}

// setHeld stores the held loss of a folder; nil removes it.
func (s *Losses) setHeld(ctx context.Context, folder string, held *heldLoss) error {
	text := []byte{}
	if held != nil {
		var err error
		if text, err = json.Marshal(held); err != nil {
			return err
		}
	}
	return s.DB.SetState(ctx, heldKey+folder, string(text))
}
