package site

import (
	"fmt"
	"strings"
	"time"
	"unicode"
)

// zoneRegions are the first parts of the names of time zones.
var zoneRegions = []string{"", "Europe/", "America/", "Asia/", "Africa/", "Australia/", "Pacific/", "Atlantic/", "Indian/", "Antarctica/", "America/Argentina/", "America/Indiana/"}

// nearestZone returns the end of the message about an unknown time zone, with the
// zone that was probably meant: the same city, in another case or without its region.
// It can't list all zones, since the embedded database has no directory.
func nearestZone(name string) string {
	city := zoneCase(strings.ReplaceAll(strings.TrimSpace(name), " ", "_"))
	for _, region := range zoneRegions {
		if _, err := time.LoadLocation(region + city); city != "" && city != "Local" && err == nil {
			return fmt.Sprintf("; did you mean %q?", region+city)
		}
	}
	return " such as \"Europe/Berlin\""
}

// zoneCase returns a zone's name with the letter case of the database: each word with
// a capital, except for small words as in Port_of_Spain.
func zoneCase(name string) string {
	var b strings.Builder
	word := 0 // the begin of the word in name
	for i, r := range name {
		if r == '/' || r == '_' || r == '-' {
			word = i + 1
		}
		small := false
		for _, w := range []string{"of_", "es_", "au_", "d_"} {
			small = small || word > 0 && len(name) >= word+len(w) && strings.EqualFold(name[word:word+len(w)], w)
		}
		if i == word && !small {
			b.WriteRune(unicode.ToUpper(r))
		} else {
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return b.String()
}
