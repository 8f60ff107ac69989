package decompose

import "math"

// likeliest is the number of components with the greatest evidence (Minka 2000, "Automatic choice of dimensionality for
// PCA", eq. 30), at least 1 and below the number of values. values are the singular values of the centred rows.
func likeliest(values []float64, rows int) int {
	variance := make([]float64, len(values))
	for i, v := range values {
		variance[i] = v * v / float64(rows-1)
	}
	best, most := 1, math.Inf(-1)
	for k := 1; k < len(variance); k++ {
		if e := evidence(variance, k, float64(rows)); e > most {
			best, most = k, e
		}
	}
	return best
}

// evidence is the logarithm of the probability of n rows under k components.
func evidence(variance []float64, k int, n float64) float64 {
	const tiny = 1e-15
	d := len(variance)
	if variance[k-1] < tiny {
		return math.Inf(-1)
	}
	prior, fit, noise := -float64(k)*math.Ln2, 0.0, 0.0
	for i, v := range variance {
		if i < k {
			half := float64(d-i) / 2
			g, _ := math.Lgamma(half)
			prior += g - half*math.Log(math.Pi)
			fit += math.Log(v)
			continue
		}
		noise += v / float64(d-k)
	}
	noise = max(tiny, noise)
	free := float64(d*k) - float64(k*(k+1))/2
	curvature := 0.0
	for i := range k {
		for j := i + 1; j < d; j++ {
			smoothed := noise
			if j < k {
				smoothed = variance[j]
			}
			curvature += math.Log((variance[i]-variance[j])*(1/smoothed-1/variance[i])) + math.Log(n)
		}
	}
	return prior - n/2*(fit+float64(d-k)*math.Log(noise)) + (free+float64(k))/2*math.Log(2*math.Pi) - curvature/2 - float64(k)/2*math.Log(n)
}
