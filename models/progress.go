package models

// Step is what is being done to an entry.
type Step string

// The steps of a pull or an import.
const (
	StepFetch   Step = "fetch"   // bytes come in
	StepConvert Step = "convert" // weights are written in another form; counted in numbers
	StepVerify  Step = "verify"  // bytes are hashed
	StepDone    Step = "done"
)

// Event tells how far along an entry is. Total is 0 while it is not known, as when pip fetches.
type Event struct {
	Name        string
	Step        Step
	Source      string // what is fetched from: an address, or a package's name
	Done, Total int64
}

// Progress hears events, one goroutine at a time, often: it must be quick. It may be nil.
type Progress func(Event)

func (p Progress) tell(e Event) {
	if p != nil {
		p(e)
	}
}
