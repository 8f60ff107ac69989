package neural

import "slices"

// lanes is what the units of a hidden layer are rounded up to while a network runs, so that the tiles of matrix products
// have no edges. The units too many have weights of 0 on both sides, which nothing moves.
const lanes = 8

// padded returns n with its hidden layers rounded up, or n if nothing is missing.
func (n *network) padded() *network {
	sizes := slices.Clone(n.Sizes)
	for l := 1; l < n.layers(); l++ {
		sizes[l] = (sizes[l] + lanes - 1) / lanes * lanes
	}
	if slices.Equal(sizes, n.Sizes) {
		return n
	}
	out := n.resized(sizes)
	out.units = n.Sizes
	return out
}

// resized returns n with layers of other sizes: units at their ends are left out, or have weights of 0. It has no norms.
func (n *network) resized(sizes []int) *network {
	out := &network{Sizes: sizes, Activation: n.Activation, Embed: n.Embed}
	total := len(n.Theta) - n.tables()
	for l := range out.layers() {
		total += (sizes[l] + 1) * sizes[l+1]
	}
	out.Theta = make([]float64, total)
	for l := range out.layers() {
		from, fromBias := n.layer(n.Theta, l)
		to, toBias := out.layer(out.Theta, l)
		for i := range min(from.Rows, to.Rows) {
			copy(to.Row(i), from.Row(i))
		}
		copy(toBias, fromBias)
	}
	copy(out.Theta[out.tables():], n.Theta[n.tables():])
	return out
}

// trim silences the units too many of layer l, where an input of 0 gives something else.
func (n *network) trim(z []float64, l int) {
	if n.units == nil || n.Activation != "logistic" {
		return
	}
	for i := 0; i < len(z); i += n.Sizes[l] {
		clear(z[i+n.units[l] : i+n.Sizes[l]])
	}
}
