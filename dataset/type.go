package dataset

import (
	"fmt"
	"strings"
)

// Type says what the values of a raw column mean, hence what becomes of them: see [Field].
type Type uint8

const (
	Number   Type = iota // used as it is
	Boolean              // true/false, yes/no, t/f, y/n: used as 1/0
	Date                 // used as days since 1970 and parts of the calendar
	Category             // used as codes of its levels
	ID                   // names the row; left out
	Constant             // tells nothing; left out
	Ignore               // left out because the user says so
)

var typeNames = [...]string{"numeric", "boolean", "date", "categorical", "id", "constant", "ignore"}

// String is the name that [ParseTypes] reads.
func (t Type) String() string {
	if int(t) < len(typeNames) {
		return typeNames[t]
	}
	return fmt.Sprintf("Type(%d)", uint8(t))
}

// Used reports whether columns of the type become features.
func (t Type) Used() bool { return t <= Category }

// ParseTypes reads "col=categorical,col2=numeric,col3=ignore". Types are numeric (number), categorical (category),
// boolean, date, id and ignore.
func ParseTypes(text string) (map[string]Type, error) {
	types := map[string]Type{}
	if strings.TrimSpace(text) == "" {
		return types, nil
	}
	for _, item := range strings.Split(text, ",") {
		at := strings.LastIndexByte(item, '=')
		if at < 0 {
			return nil, fmt.Errorf("dataset: type %q: want COLUMN=TYPE", item)
		}
		name := strings.TrimSpace(item[:at])
		t, err := parseType(strings.TrimSpace(item[at+1:]))
		if err != nil {
			return nil, fmt.Errorf("dataset: column %q: %w", name, err)
		}
		if old, twice := types[name]; twice && old != t {
			return nil, fmt.Errorf("dataset: column %q is given two types, %v and %v", name, old, t)
		}
		types[name] = t
	}
	return types, nil
}

func parseType(name string) (Type, error) {
	switch strings.ToLower(name) {
	case "numeric", "number":
		return Number, nil
	case "categorical", "category":
		return Category, nil
	case "boolean":
		return Boolean, nil
	case "date":
		return Date, nil
	case "id":
		return ID, nil
	case "ignore":
		return Ignore, nil
	}
	return 0, fmt.Errorf("unknown type %q: want numeric, categorical, boolean, date, id or ignore", name)
}
