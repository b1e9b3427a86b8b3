package review

import "github.com/referent/referent"

// Sides are what an offer would take out and put in.
func (o Offer) Sides() (now, other *referent.Minutes) { return o.now, o.other }
