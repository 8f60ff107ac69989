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
		m, err := parseVariable(code, data)
		if err != nil {
			return out, fmt.Errorf("PARAM_meta: the description of %s cannot be read: %w", code, err)
		}
		out[strings.ToLower(code)] = m
	}
	return out, nil
}

func parseVariable(code string, data []byte) (Variable, error) {
	var v struct {
		Code, Label, Type string
		SQLType           string `json:"sql_type"`
		IsCategorical     any    `json:"isCategorical"`
		Enumerations      []struct{ Code any }
	}
	if err := json.Unmarshal(data, &v); err != nil {
		return Variable{}, err
	}
	if code == "" {
		code = v.Code
	}
	m := Variable{Code: code, Label: v.Label, Type: strings.ToLower(v.Type), SQLType: strings.ToLower(v.SQLType)}
	for _, e := range v.Enumerations {
		m.Enumeration = append(m.Enumeration, codeText(e.Code))
	}
	if v.IsCategorical == true || v.IsCategorical == "true" {
		m.Type = "polynominal"
	}
	return m, nil
}

// group is a node of the tree in which the platform keeps its variables.
type group struct {
	Groups    []group           `json:"groups"`
	Variables []json.RawMessage `json:"variables"`
}

func (g *group) collect(out map[string]Variable) error {
	for _, data := range g.Variables {
		v, err := parseVariable("", data)
		if err != nil {
			return err
		}
		out[strings.ToLower(v.Code)] = v
	}
	for i := range g.Groups {
		if err := g.Groups[i].collect(out); err != nil {
			return err
		}
	}
	return nil
}

// ParseVariables reads the platform's description of its variables, a tree of groups, and returns them by lower-cased code.
func ParseVariables(tree []byte) (map[string]Variable, error) {
	var g group
	out := map[string]Variable{}
	if err := json.Unmarshal(tree, &g); err != nil {
		return nil, err
	}
	return out, g.collect(out)
}

// codeText writes a code as the database would: whole numbers without a point.
func codeText(code any) string {
	if f, ok := code.(float64); ok {
		data, _ := json.Marshal(f)
		return string(data)
	}
	return strings.TrimRight(fmt.Sprint(code), " ")
}
