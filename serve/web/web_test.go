package web

import (
	"encoding/json"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func read(t *testing.T, name string) string {
	t.Helper()
	b, err := fs.ReadFile(Files, name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func texts(t *testing.T, language string) map[string]string {
	t.Helper()
	var out map[string]string
	if err := json.Unmarshal([]byte(read(t, "lang/"+language+".json")), &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// scripts are the page's scripts, by name.
func scripts(t *testing.T) map[string]string {
	t.Helper()
	found, err := fs.Glob(Files, "js/*.js")
	if err != nil || len(found) < 10 {
		t.Fatalf("%d scripts: %v", len(found), err)
	}
	out := map[string]string{}
	for _, name := range found {
		out[name] = read(t, name)
	}
	return out
}

// The languages have the same texts with the same places for values.
func TestLanguagesAgree(t *testing.T) {
	place := regexp.MustCompile(`\{\w+\}`)
	places := func(s string) string {
		return strings.Join(slices.Sorted(slices.Values(place.FindAllString(s, -1))), "")
	}
	en, fr := texts(t, "en"), texts(t, "fr")
	for key, text := range en {
		other, ok := fr[key]
		switch {
		case !ok:
			t.Errorf("fr lacks %s", key)
		case text == "" || other == "":
			t.Errorf("%s is empty", key)
		case places(text) != places(other):
			t.Errorf("%s has other places in fr", key)
		}
	}
	for key := range fr {
		if _, ok := en[key]; !ok {
			t.Errorf("en lacks %s", key)
		}
	}
}

// Every text that is asked for exists, and every text that exists is asked for.
func TestTextsAreUsed(t *testing.T) {
	en := texts(t, "en")
	all := read(t, "index.html")
	for _, s := range scripts(t) {
		all += s
	}
	asked := map[string]bool{}
	for _, form := range []string{`\bt\("([\w.]+)"`, `data-(?:text|label)="([\w.]+)"`, `\bt\([^()"]*\? "([\w.]+)"`, `\bt\([^()]*\? "[\w.]+" : "([\w.]+)"`} {
		for _, m := range regexp.MustCompile(form).FindAllStringSubmatch(all, -1) {
			asked[m[1]] = true
		}
	}
	var families []string // texts whose names are put together
	for _, m := range regexp.MustCompile("\\b(?:t|or|has)\\(`([\\w.]+)\\$\\{").FindAllStringSubmatch(all, -1) {
		families = append(families, m[1])
	}
	for key := range asked {
		if en[key] == "" && en[key+".other"] == "" {
			t.Errorf("there is no text %s", key)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(en)) {
		name := strings.TrimSuffix(strings.TrimSuffix(key, ".one"), ".other")
		family := slices.ContainsFunc(families, func(f string) bool { return strings.HasPrefix(key, f) })
		if !asked[key] && !asked[name] && !family {
			t.Errorf("nobody asks for %s", key)
		}
	}
	if len(asked) < 100 || len(families) < 10 {
		t.Errorf("only %d texts and %d families were found", len(asked), len(families))
	}
}

// The policy of the page allows no script or style outside files, no text is read as markup, and nothing is loaded from elsewhere.
func TestPageKeepsItsPolicy(t *testing.T) {
	page := read(t, "index.html")
	for _, bad := range []string{"<style", " style=", " onclick=", "javascript:", "<script>"} {
		if strings.Contains(page, bad) {
			t.Errorf("index.html contains %s", bad)
		}
	}
	for name, s := range scripts(t) {
		for _, bad := range []string{"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function", "DOMParser"} {
			if strings.Contains(s, bad) {
				t.Errorf("%s uses %s", name, bad)
			}
		}
		if lines := strings.Count(s, "\n"); lines > 300 {
			t.Errorf("%s has %d lines", name, lines)
		}
	}
	address := regexp.MustCompile(`(?:https?:)?//[\w-]+\.[\w.-]+\S*`)
	err := fs.WalkDir(Files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		for _, found := range address.FindAllString(read(t, name), -1) {
			if !strings.Contains(found, "www.w3.org/2000/svg") { // a name, not an address
				t.Errorf("%s speaks of %s", name, found)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Every file that another file names is there.
func TestFilesAreThere(t *testing.T) {
	for _, m := range regexp.MustCompile(`(?:href|src)="([\w./-]+\.\w+)"`).FindAllStringSubmatch(read(t, "index.html"), -1) {
		if m[1] != "api/v1/openapi.json" {
			read(t, m[1])
		}
	}
	for _, s := range scripts(t) {
		for _, m := range regexp.MustCompile(`from "\./([\w.-]+)"`).FindAllStringSubmatch(s, -1) {
			read(t, path.Join("js", m[1]))
		}
	}
}
