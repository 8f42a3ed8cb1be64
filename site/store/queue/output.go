package queue

import (
	"context"
	"encoding/json"
	"fmt"

	"starpunk/site/store/query"

	"zombiezen.com/go/sqlite"
)

// Removals returns the outputs that must be deleted.
func (o *Outputs) Removals(ctx context.Context) ([]string, error) {
	return o.q.db.Texts(ctx, "removals", nil)
}

// MarkRemoved records that outputs were deleted in build number.
func (o *Outputs) MarkRemoved(ctx context.Context, number int64, outputs []string) error {
	defer o.q.wakeups.WakeWaiters()
	return o.q.mark(ctx, number, func(conn *sqlite.Conn) error {
		for _, output := range outputs {
			if err := query.Exec(conn, "removal_done", query.Args{":output": output, ":number": number}, nil); err != nil {
				return err
			}
		}
		return nil
	})
}

// replaceOutputs queues the removal of outputs that are no longer wanted.
func replaceOutputs(conn *sqlite.Conn, old, now []string) error {
	keep := make(map[string]bool, len(now))
	for _, output := range now {
		keep[output] = true
		if err := query.Exec(conn, "removal_cancel", query.Args{":output": output}, nil); err != nil {
			return err
		}
	}
	for _, output := range old {
		if keep[output] {
			continue
		}
		if err := query.Exec(conn, "removal_add", query.Args{":output": output}, nil); err != nil {
			return err
		}
	}
	return nil
}

// Claim relates the index to the output folder that has the mark id. It reports
// whether the index was related to it already. If not, no mark counts any more.
func (o *Outputs) Claim(ctx context.Context, id string) (known bool, err error) {
	current, err := o.q.db.State(ctx, "output")
	if err != nil || current == id {
		return err == nil, err
	}
	return false, o.q.resetUnless(ctx, "output", id, "forget_notes", "forget_lists", "forget_tags", "forget_removals", "forget_copies", "open_all_places")
}

// All passes every output that is built to yield.
func (o *Outputs) All(ctx context.Context, yield func(output string)) error {
	return o.q.db.Read(ctx, func(conn *sqlite.Conn) error {
		err := query.Exec(conn, "outputs", nil, func(stmt *sqlite.Stmt) error {
			var outputs []string
			if err := json.Unmarshal([]byte(stmt.ColumnText(0)), &outputs); err != nil {
				return fmt.Errorf("index: outputs: %w", err)
			}
			for _, output := range outputs {
				yield(output)
			}
			return nil
		})
		if err != nil {
			return err
		}
		return query.Exec(conn, "copies", query.Args{":source": "", ":prefix": "", ":end": "\U0010FFFF"}, func(stmt *sqlite.Stmt) error {
			yield(stmt.GetText("output"))
			return nil
		})
	})
}

// Swept reports whether unknown files were already removed from the output folder with the
// given id.
func (o *Outputs) Swept(ctx context.Context, id string) (swept bool, err error) {
	current, err := o.q.db.State(ctx, "swept")
	return err == nil && current == id, err
}

// MarkSwept records that unknown files were removed from the output folder.
func (o *Outputs) MarkSwept(ctx context.Context, id string) error {
	return o.q.db.SetState(ctx, "swept", id)
}
