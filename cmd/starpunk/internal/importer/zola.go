package importer

// findTranslations reads the languages of a Zola site:
// https://www.getzola.org/documentation/content/multilingual/
func (old *oldSite) findTranslations() {
	old.language = old.text("default_language", "en")
	old.languages = map[string]*language{old.language: {}}
	table, _ := lookup(old.config, "languages").(map[string]any)
	for code := range table {
		old.languages[code] = &language{}
	}
}
