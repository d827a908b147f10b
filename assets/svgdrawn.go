package assets

import (
	"errors"
	"fmt"
	"strings"
)

// checkDrawn refuses a drawing that refers to itself, or that would be larger
// than MaxSVGDrawn with every reference replaced by its target.
func checkDrawn(root *svgNode) error {
	c := drawnCounter{
		byID:   map[string]*svgNode{},
		styled: map[string][]string{},
		counts: map[*svgNode]int{},
	}
	c.collect(root)
	_, err := c.count(root)
	return err
}

type drawnCounter struct {
	byID   map[string]*svgNode
	styled map[string][]string // a selector's subject → ids its rules refer to
	counts map[*svgNode]int    // 0 while being counted
}

// collect finds the ids, of equal ones the first as browsers do, and what style
// sheets refer to.
func (c *drawnCounter) collect(n *svgNode) {
	if id := n.attr("id"); id != "" && c.byID[id] == nil {
		c.byID[id] = n
	}
	for _, child := range n.children {
		if n.name != "style" {
			c.collect(child)
			continue
		}
		rules, _ := parseStyle(child.text)
		for _, r := range rules {
			for _, s := range r.selectors {
				c.styled[subject(s)] = append(c.styled[subject(s)], references(r.declarations)...)
			}
		}
	}
}

// count is the number of elements that drawing n comes to, references included.
// It may count too many, where a rule is overridden, but never too few.
func (c *drawnCounter) count(n *svgNode) (int, error) {
	if known, ok := c.counts[n]; ok {
		if known == 0 {
			return 0, errors.New("it refers to itself")
		}
		return known, nil
	}
	c.counts[n] = 0
	total := 1
	add := func(m *svgNode) error {
		k, err := c.count(m)
		if total += k; err == nil && total > MaxSVGDrawn {
			err = fmt.Errorf("its references add up to more than %d elements; simplify it, or save it as PNG", MaxSVGDrawn)
		}
		return err
	}
	for _, child := range n.children {
		if err := add(child); err != nil {
			return 0, err
		}
	}
	for _, id := range c.references(n) {
		if target := c.byID[id]; target != nil {
			if err := add(target); err != nil {
				return 0, err
			}
		}
	}
	c.counts[n] = total
	return total, nil
}

// references lists the ids that an element may refer to.
func (c *drawnCounter) references(n *svgNode) []string {
	var ids []string
	subjects := []string{"*", n.name}
	for _, a := range n.attrs {
		switch a.name {
		case "href":
			ids = append(ids, strings.TrimPrefix(a.value, "#"))
		case "id":
			subjects = append(subjects, "#"+a.value)
		case "class":
			for class := range strings.FieldsSeq(a.value) {
				subjects = append(subjects, "."+class)
			}
		default:
			ids = append(ids, references(a.value)...)
		}
	}
	for _, s := range subjects {
		ids = append(ids, c.styled[s]...)
	}
	return ids
}
