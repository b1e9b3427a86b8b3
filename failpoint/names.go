package failpoint

// Names are all the steps, in the order in which a meeting passes them. Those that begin with worker are passed by a
// worker, the rest by the server.
var Names = []string{
	"upload.part.written", // before the bytes that came are a blob
	"upload.part.sealed",  // they are one, and no row names it
	"upload.committed",    // the client does not know yet
	"meeting.received",    // inside the transaction of the last byte

	"dispatch.publish", "dispatch.published", "dispatch.marked",
	"claim.asked", "claim.leased", // the worker has not heard of its lease
	"worker.claimed",
	"worker.stream", "stream.write", // of decoded audio, and of results
	"audio.seal", "audio.sealed",
	"worker.made",   // a result is made, and nobody has it
	"worker.commit", // the server has its bytes
	"commit.asked", "commit.sealed", "commit.done",
	"worker.ack", "worker.acked",
	"assemble.leased", "assemble.sealed",
	"checkpoint.sealed", "checkpoint.kept",

	"correction.sealed", "correction.saved",
	"minutes.sealed", "minutes.approving", "minutes.saved",
	"erase.key.gone", "erase.blobs.gone", "erase.rows.gone", "erase.scrubbed",

	"blob.synced", "blob.named", // of every blob in a folder
	"store.commit", "store.committed", // of every transaction
}

// Seldom are steps that no meeting passes as long as there is little to do. Package pipeline breaks off there by other means.
var Seldom = []string{
	"dispatch.unmarked", // what the queue has too much of is not thought to be there any more, and is
}
