package site

import (
	"bytes"
	"path"
	"slices"
	"strings"
)

// mergeConflict finds the marks that git and other programs leave where two versions
// differ: "<<<<<<< HEAD" and the lines after it. A text about such marks has them in
// fenced code.
func mergeConflict(data []byte) *lineError {
	if !bytes.Contains(data, []byte("<<<<<<<")) && !bytes.Contains(data, []byte(">>>>>>>")) {
		return nil
	}
	code, number, divided := codeFence{}, 0, false
	for line := range strings.Lines(string(data)) {
		number++
		line = strings.TrimRight(line, "\r\n")
		if code.within(line) {
			continue
		}
		switch {
		case isMergeMark(line, "<<<<<<<"), divided && isMergeMark(line, ">>>>>>>"):
			return &lineError{number, "two versions of the text were not merged; choose between them, and remove the lines <<<<<<<, ======= and >>>>>>>"}
		case isMergeMark(line, "======="), isMergeMark(line, "|||||||"):
			divided = true
		}
	}
	return nil
}

// isMergeMark reports whether a line is a mark of seven characters, with or without
// the name of a version after it.
func isMergeMark(line, mark string) bool {
	rest, ok := strings.CutPrefix(line, mark)
	return ok && (rest == "" || rest[0] == ' ' || rest[0] == '\t')
}

// The names that programs give to the other version of a file which two devices
// changed, without its extension.
var (
	conflictEnd = lazyRegexp(strings.Join([]string{
		`\.sync-conflict-\d{8}-\d{6}(?:-[A-Z0-9]{7})?`, // Syncthing
		`(?i:_conflict-\d{8}-\d{6})`,                   // ownCloud, older Nextcloud
		`_[A-Z][a-z]{2}-\d{2}-\d{6}-\d{4}_Conflict`,    // Synology Drive
		`(?i: ?\[conflicted(?: \d+)?\])`,               // pCloud
		`-safeBackup-\d{4}`,                            // OneDrive on Linux
	}, "|") + "$")
	// In brackets: "(Ida's conflicted copy 2026-05-01)" of Dropbox, Nextcloud,
	// OpenCloud and Obsidian Sync, "(SFConflict …)" of Seafile, and the same in
	// the languages in which these programs write it.
	inBrackets   = lazyRegexp(`\(([^()]+(?:\([^()]*\)[^()]*)?)\)(?: \d+)?$`)
	conflictWord = lazyRegexp(`(?i)conflict|konflikt|conflit|conflito|modstrid|ristiriit|ütközés|çakış|конф|競合|冲突|衝突|충돌`)
	copyWord     = lazyRegexp(`(?i)cop[iy]|cóp|kop[iy]|kopió|kopie|kopya|копи|コピー|副本|複本|사본|복사|version|\d{4}`)
	bareConflict = lazyRegexp(`(?i)^(?:(?:case|selective sync|unicode encoding|whitespace|view-only) )?conflict(?:ed|s)?(?: \d+)?$`)
)

// ConflictCopy is the reason why a file for which [IsConflictCopy] is true is
// skipped.
const ConflictCopy = "the other version of a file that was changed on two devices, kept by a program that syncs files; merge the two, then delete this one"

// IsConflictCopy reports whether a file or folder has a name that a sync program
// gives to one of two versions, when two devices changed a file. It checks each
// element of the path.
func IsConflictCopy(file string) bool {
	if !strings.ContainsAny(file, "([") && !strings.Contains(file, "onflict") && !strings.Contains(file, "-safeBackup-") {
		return false // nearly all names
	}
	for element := range strings.SplitSeq(file, "/") {
		if isConflictName(strings.TrimSuffix(element, path.Ext(element))) || isConflictName(element) {
			return true
		}
	}
	return false
}

func isConflictName(name string) bool {
	if at := conflictEnd().FindStringIndex(name); at != nil && at[0] > 0 {
		return true
	}
	m := inBrackets().FindStringSubmatch(name)
	return m != nil && (bareConflict().MatchString(m[1]) || conflictWord().MatchString(m[1]) && copyWord().MatchString(m[1]))
}

// The names that editors and version control give to an earlier or unsaved version
// of a file. A note with any further extension is such a version, except for published.
var (
	editorCopy = lazyRegexp(`(?i)^#.*#$|\.(?:bak\d*|orig|rej|sw[a-p]|kate-swp)$|___jb_(?:tmp|old|bak)___$`)
	mergeWords = []string{"BACKUP", "BASE", "LOCAL", "REMOTE"}
	mergeCopy  = lazyRegexp(`[._](?:BACKUP|BASE|LOCAL|REMOTE)[._]\d+\.\w+$`) // of git mergetool
	noteCopy   = lazyRegexp(`(?i)\.(?:md|markdown)(?:[.]([^.]+)|-e| ?\(\d+\)|\.sb-\w+-\w+)$`)
)

// published are the extensions of copies of a note that are meant to be read or
// downloaded.
var published = []string{"txt", "html", "pdf", "zip", "gz", "asc", "sig", "sha256"}

// IsEditorCopy reports whether a file has a name that an editor or version control
// gives to an earlier or unsaved version of a file: "#a.md#", "a.md.bak",
// "a.md.orig", "a.md.tmp". Such a version may have text that its author removed
// since.
func IsEditorCopy(name string) bool {
	if IsNoteExt(path.Ext(name)) {
		return isMergeCopy(name)
	}
	if editorCopy().MatchString(name) || isMergeCopy(name) {
		return true
	}
	m := noteCopy().FindStringSubmatch(name)
	return m != nil && !slices.Contains(published, strings.ToLower(m[1]))
}

func isMergeCopy(name string) bool {
	for _, word := range mergeWords { // few names match
		if strings.Contains(name, word) {
			return mergeCopy().MatchString(name)
		}
	}
	return false
}
