package site

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

// propertiesOf returns the properties that a text in JSON has.
func propertiesOf(t testing.TB, text string) map[string][]any {
	t.Helper()
	properties := map[string][]any{}
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	if err := dec.Decode(&properties); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return properties
}

func TestThingsHaveAVerbAndAName(t *testing.T) {
	for _, tc := range []struct{ name, properties, want string }{
		{"an h-cite", `{"listen-of":[{"type":["h-cite"],"properties":{"name":["Song"],"url":["https://music.example/1"]}}]}`, "Listened to Song"},
		{"an object without properties", `{"watch-of":[{"type":"cite","name":"A Film","url":"https://films.example/1"}]}`, "Watched A Film"},
		{"an address", `{"play-of":["https://games.example/chess/"]}`, "Played games.example/chess"},
		{"a text in a property that is known", `{"jam-of":["A Song"]}`, "Jamming to A Song"},
		{"food", `{"ate":[{"type":["h-food"],"properties":{"name":["Toast"]}}]}`, "Ate Toast"},
		{"several drinks", `{"drank":["Tea",{"type":["h-food"],"properties":{"name":["Coffee"]}}]}`, "Drank Tea; Drank Coffee"},
		{"an unknown property that leads somewhere", `{"vote-for":["https://polls.example/1"]}`, "Vote for polls.example/1"},
		{"a path of the site in one", `{"translation-of":["/2026/11/hello/"]}`, "Translation of /2026/11/hello"},
		{"a text in one", `{"wish-for":["A bicycle"]}`, "Wish for A bicycle"},
		{"another object", `{"trip":[{"type":["h-trip"],"properties":{"name":["To the sea"]}}]}`, "Trip: To the sea"},
		{"an object without a name", `{"trip":[{"type":"h-trip","properties":{"mode-of-transport":"bicycle","start":"2026-11-20T10:00:00Z","start-location":{"type":"h-adr","properties":{"latitude":"52.5","longitude":13.4}},"distance":{"type":"h-measure","properties":{"num":"3214","unit":"meter"}}}}]}`,
			"Trip: 3214 meter, bicycle"},
		{"a quotation", `{"quotation-of":[{"type":["h-cite"],"properties":{"content":[{"html":"<b>To be</b>","value":"To be"}]}}]}`, "Quoted To be"},
		{"a measure", `{"weather":[{"type":["h-measure"],"properties":{"num":[18],"unit":["°C"]}}]}`, "Weather: 18 °C"},
		{"mood and weather", `{"weather":["rain"],"mood":["good"]}`, "Weather: rain; Mood: good"},
		{"a review", `{"item":[{"type":["h-product"],"properties":{"name":["A kettle"]}}],"rating":[4],"best":["5"]}`, "Review of A kettle; Rating: 4"},
		{"invitees", `{"invitee":["https://bob.example/",{"type":["h-card"],"properties":{"name":["Eve"]}}]}`, "Invited bob.example; Invited Eve"},
		{"a like of a text", `{"like-of":["nothing in particular"]}`, "Liked nothing in particular"},
		{"texts of other properties, of a note that has nothing else", `{"steps":[9000],"pulse":["60"]}`, "Pulse: 60; Steps: 9000"},
		{"texts of other properties beside a thing", `{"steps":[9000],"mood":["good"]}`, "Mood: good"},
		{"texts of other properties beside a photo", `{"steps":[9000],"photo":["/media/a.jpg"]}`, ""},
		{"what is about the note itself", `{"uid":["https://other.example/"],"author":[{"properties":{"name":["Eve"]}}],"syndication":["https://s.example/"],"client":["https://app.example/"],"featured":["https://x.example/a.jpg"]}`, ""},
		{"what has a place of its own", `{"in-reply-to":["https://other.example/"],"read-of":["https://books.example/"],"location":["https://places.example/"]}`, ""},
		{"an object that says nothing", `{"listen-of":[{"type":["h-cite"],"properties":{"url":[""]}},{}]}`, ""},
		{"a script", `{"source":["javascript:alert(1)"],"mood":["good"]}`, "Mood: good"},
		{"a text that begins like an address", `{"source":["https://other.example/ is where I read it"],"mood":["good"]}`, "Mood: good"},
		{"a name that is not a class", `{"Évil\" onclick=x":["https://other.example/"],"-":["https://other.example/"],"a--b":["https://other.example/"]}`, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			n := &Note{Properties: propertiesOf(t, tc.properties)}
			var got []string
			for _, thing := range n.Things() {
				got = append(got, thing.Verb+" "+thing.Name())
			}
			if s := strings.Join(got, "; "); s != tc.want {
				t.Errorf("%s is %q, want %q", tc.properties, s, tc.want)
			}
		})
	}
}

func TestTheLabelOfANoteIsItsThing(t *testing.T) {
	n := &Note{Published: time.Now(), Properties: propertiesOf(t, `{"listen-of":[{"type":["h-cite"],"properties":{"name":["Song"]}}]}`)}
	if got := n.Label(Markdown{}); got != "Listened to Song" {
		t.Errorf("the label is %q", got)
	}
	n.Content = "What a song!"
	if got := n.Label(Markdown{}); got != "What a song!" {
		t.Errorf("with a text the label is %q", got)
	}
}

func TestAThingHasItsOwnKey(t *testing.T) {
	for _, key := range []string{"listen-of: https://music.example/1", "ate: Toast", "properties: {listen-of: [https://music.example/1]}"} {
		n, err := Parse("a.md", []byte("---\ndate: 2026-05-01\n"+key+"\n---\n"), time.UTC)
		if err != nil {
			t.Fatal(err)
		}
		if len(n.Things()) != 1 {
			t.Errorf("%s: things %v", key, n.Things())
		}
	}
}

// FuzzThings checks that every thing has a verb, a class and a name, whatever a
// client sends.
func FuzzThings(f *testing.F) {
	f.Add(`{"listen-of":[{"type":["h-cite"],"properties":{"name":["Song"]}}]}`)
	f.Add(`{"trip":[{"properties":{"a":{"properties":{"num":3,"unit":"m"}},"b":[[],{},"x"]}}],"x":[null,true,1e9]}`)
	f.Fuzz(func(t *testing.T, text string) {
		var properties map[string][]any
		if json.Unmarshal([]byte(text), &properties) != nil {
			return
		}
		n := &Note{Properties: properties}
		for _, thing := range n.Things() {
			if thing.Name() == "" || thing.Verb == "" || !propertyName().MatchString(thing.Property) {
				t.Errorf("%s has the thing %+v, called %q", text, thing, thing.Name())
			}
		}
		n.Label(Markdown{})
	})
}
