package eval

import "math"

// assign gives each row of a cost matrix a column of its own, so that the sum of the costs is the least
// that is possible (the Hungarian method with potentials, O(n²·m)). There are no more rows than columns.
func assign(cost [][]float64) []int {
	n := len(cost)
	if n == 0 {
		return nil
	}
	m := len(cost[0])
	// Rows and columns count from 1; column 0 is where a row that is being placed stands. rowOf[j] is the
	// row in column j, and row[i]+column[j] never exceeds the cost of i in j.
	row, column := make([]float64, n+1), make([]float64, m+1)
	rowOf := make([]int, m+1)
	for i := 1; i <= n; i++ {
		rowOf[0] = i
		slack, from, done := make([]float64, m+1), make([]int, m+1), make([]bool, m+1)
		for j := range slack {
			slack[j] = math.Inf(1)
		}
		at := 0
		for rowOf[at] != 0 {
			done[at] = true
			r, step, next := rowOf[at], math.Inf(1), 0
			for j := 1; j <= m; j++ {
				if done[j] {
					continue
				}
				if c := cost[r-1][j-1] - row[r] - column[j]; c < slack[j] {
					slack[j], from[j] = c, at
				}
				if slack[j] < step {
					step, next = slack[j], j
				}
			}
			for j := 0; j <= m; j++ {
				if done[j] {
					row[rowOf[j]] += step
					column[j] -= step
				} else {
					slack[j] -= step
				}
			}
			at = next
		}
		for at != 0 {
			rowOf[at] = rowOf[from[at]]
			at = from[at]
		}
	}
	columns := make([]int, n)
	for j := 1; j <= m; j++ {
		if rowOf[j] > 0 {
			columns[rowOf[j]-1] = j - 1
		}
	}
	return columns
}
