package norsk

// What a person reads of words that were said to the machine and not to the meeting.
const (
	Aside       Word = "aside"
	ReasonAside Word = "reason aside"
)

func init() {
	words[Aside] = [2]string{"Noen snakket til programmet som skriver.", "Nokon snakka til programmet som skriv."}
	words[ReasonAside] = [2]string{
		"Det som ble sagt her, er holdt utenfor. Hør stedet, og før det inn selv hvis det hører til møtet.",
		"Det som vart sagt her, er halde utanfor. Høyr staden, og før det inn sjølv om det høyrer til møtet.",
	}
}
