package gp

// credit moves the weights of the variations towards those that pay: a variation's rate is how many of its children were
// better than the parent they were made from, per second under a time limit and per child otherwise, when the search must
// not depend on speed. Old events fade. It is probability matching (Goldberg 1990; Thierens 2005, "An adaptive pursuit
// strategy for allocating operator probabilities"), with bounds on both sides, since what does not pay now may pay later.
type credit struct {
	accounts map[string]*account
	total    account
	children int
}

type account struct{ gain, spent float64 }

const (
	fading    = 0.995 // of the past with every child
	trust     = 10    // children that the common rate counts for in every account
	most      = 3     // times the weight that a variation starts with, or that part of it
	beginning = 50    // children to have seen before anything changes
)

// add folds in a child of the named variation: what it cost, and whether it was better than its parent.
func (c *credit) add(variation string, spent float64, better bool) {
	if c.accounts == nil {
		c.accounts = map[string]*account{}
	}
	c.children++
	a := c.accounts[variation]
	if a == nil {
		a = &account{}
		c.accounts[variation] = a
	}
	gain := 0.0
	if better {
		gain = 1
	}
	for _, other := range c.accounts {
		other.gain, other.spent = other.gain*fading, other.spent*fading
	}
	a.gain, a.spent = a.gain+gain, a.spent+spent
	c.total.gain, c.total.spent = c.total.gain*fading+gain, c.total.spent*fading+spent
}

// factor is what a variation's weight is to be multiplied by.
func (c *credit) factor(variation string) float64 {
	if c.children < beginning || !(c.total.gain > 0) || !(c.total.spent > 0) {
		return 1
	}
	var a account
	if known := c.accounts[variation]; known != nil {
		a = *known
	}
	common := c.total.gain / c.total.spent
	prior := trust * c.total.spent * (1 - fading) // what so many children cost
	rate := (a.gain + prior*common) / (a.spent + prior)
	return min(most, max(1./most, rate/common))
}
