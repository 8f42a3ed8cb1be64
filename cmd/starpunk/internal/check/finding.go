package check

// A Level is the importance of a finding.
type Level string

const (
	OK      Level = "ok"      // as it must be, or only information
	Hint    Level = "hint"    // a likely mistake, or an improvement for some apps
	Problem Level = "problem" // must be corrected
)

// A Finding is one observation.
type Finding struct {
	Check  string `json:"check"` // the subject, such as "micropub"
	Level  Level  `json:"level"`
	Text   string `json:"text"`
	Number int    `json:"number,omitempty"` // of a problem, from 1
	Remedy string `json:"remedy,omitempty"` // what the owner must or may do
	Caddy  string `json:"caddy,omitempty"`  // lines of a Caddyfile, for the remedy
	Nginx  string `json:"nginx,omitempty"`  // lines of a configuration of nginx, for the remedy

	// InFile marks a finding about a file of the site, which Text names.
	InFile bool `json:"-"`
}

// A Report holds the result of all checks.
type Report struct {
	Problems int       `json:"problems"`
	Hints    int       `json:"hints"`
	Findings []Finding `json:"findings"`
	Skipped  []string  `json:"skipped"` // checks that were not made, because one that they need has a problem
}

func (r *Report) add(f Finding) Finding {
	switch f.Level {
	case Problem:
		r.Problems++
		f.Number = r.Problems
	case Hint:
		r.Hints++
	}
	r.Findings = append(r.Findings, f)
	return f
}

// ok returns a finding that requires nothing.
func ok(text string) []Finding { return []Finding{{Level: OK, Text: text}} }

// problem returns a finding with its remedy.
func problem(text, remedy string) []Finding {
	return []Finding{{Level: Problem, Text: text, Remedy: remedy}}
}

// proxyProblem returns a problem of the web server, with the lines that correct it.
func proxyProblem(text, remedy, caddy, nginx string) []Finding {
	return []Finding{{Level: Problem, Text: text, Remedy: remedy, Caddy: caddy, Nginx: nginx}}
}
