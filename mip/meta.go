package mip

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Variable is what the platform knows of a column.
type Variable struct {
	Code, Label, Type, SQLType string
	Enumeration                []string // codes of the categories, in their order
}

// Nominal reports whether the variable names categories.
func (v Variable) Nominal() bool {
	switch v.Type {
	case "binominal", "polynominal", "multinominal":
		return true
	}
	return false
}

// Number reports whether the variable is a quantity.
func (v Variable) Number() bool { return v.Type == "real" || v.Type == "integer" }

// ParseMeta reads PARAM_meta: an object with a description per code. Codes of categories may be text or numbers;
// descriptions may be empty, as they are where the platform knows nothing.
func ParseMeta(text string) (map[string]Variable, error) {
	out := map[string]Variable{}
	if strings.TrimSpace(text) == "" {
		return out, nil
	}
	var all map[string]json.RawMessage
	if err := json.Unmarshal([]byte(text), &all); err != nil {
		return out, fmt.Errorf("PARAM_meta is not a JSON object: %w", err)
	}
	for code, data := range all {
		var v struct {
			Label, Type   string
			SQLType       string `json:"sql_type"`
			IsCategorical any    `json:"isCategorical"`
			Enumerations  []struct{ Code any }
		}
		if err := json.Unmarshal(data, &v); err != nil {
			return out, fmt.Errorf("PARAM_meta: the description of %s cannot be read: %w", code, err)
		}
		m := Variable{Code: code, Label: v.Label, Type: strings.ToLower(v.Type), SQLType: strings.ToLower(v.SQLType)}
		for _, e := range v.Enumerations {
			m.Enumeration = append(m.Enumeration, codeText(e.Code))
		}
		if v.IsCategorical == true || v.IsCategorical == "true" {
			m.Type = "polynominal"
		}
		out[strings.ToLower(code)] = m
	}
	return out, nil
}

// codeText writes a code as the database would: whole numbers without a point.
func codeText(code any) string {
	if f, ok := code.(float64); ok {
		data, _ := json.Marshal(f)
		return string(data)
	}
	return strings.TrimRight(fmt.Sprint(code), " ")
}
