using System.CommandLine;
using System.CommandLine.Parsing;
using GrainSensors.Ingest.DeadLetters;

namespace GrainSensors.DeadLetters;

/// <summary><c>dlq</c>: lists, shows and requeues dead letters.</summary>
internal static class DeadLettersCommand
{
    private const string IdDescription = "PARTITION:OFFSET, as `dlq list` prints it";

    public static Command Create() => new(
        "dlq",
        """
        List, show and requeue dead letters

        A dead letter is a message that the pipeline rejected. Its id is its place in the dead-letter topic,
        PARTITION:OFFSET. It holds the original bytes, the reason and the source. It is open until it is requeued.

          grainsensors dlq list --kafka localhost:9092
          grainsensors dlq show 0:17 --kafka localhost:9092
          grainsensors dlq requeue --reason expired --kafka localhost:9092
        """)
    {
        List(), Show(), Requeue(),
    };

    private static Command List()
    {
        var options = new DeadLettersOptions("Print one JSON object per line, one for each dead letter", "List at most N dead letters");
        var all = new Option<bool>("--all") { Description = "Include requeued dead letters" };
        var command = new Command(
            "list",
            """
            List open dead letters

              grainsensors dlq list --kafka localhost:9092 --reason not-json --reason not-an-object
              grainsensors dlq list --kafka localhost:9092 --from 2026-11-24T10:00Z --to 2026-11-24T11:00Z --all
              grainsensors dlq list --kafka localhost:9092 --source sensor-data:3 --json

            The counts by reason follow on standard error. Copies of the same bytes from the same source are listed once.
            """);
        Add(command, [.. options.Filters, all, .. options.Common]);
        command.SetAction((result, _) =>
        {
            var filter = options.Filter(result);
            return options.Run(result).ListAsync(filter, options.Limit(result), result.GetValue(all));
        });
        return command;
    }

    private static Command Show()
    {
        var options = new DeadLettersOptions("Print one JSON object, with the bytes in Base64");
        var id = new Argument<string>("ID") { Description = IdDescription };
        var raw = new Option<bool>("--raw") { Description = "Write only the bytes to standard output" };
        var command = new Command(
            "show",
            """
            Show one dead letter

              grainsensors dlq show 0:17 --kafka localhost:9092
              grainsensors dlq show 0:17 --kafka localhost:9092 --raw > message.bin

            The command prints the reason, the headers, the state and the bytes, as text or in hexadecimal.
            """)
        {
            id, raw,
        };
        Add(command, options.Common);
        command.Validators.Add(result =>
        {
            if (result.GetResult(raw) is not null && options.IsJson(result))
            {
                result.AddError("--raw and --json cannot be combined; give one.");
            }
        });
        command.SetAction((result, _) =>
        {
            var letter = DeadLettersOptions.Id(result.GetRequiredValue(id));
            return options.Run(result).ShowAsync(letter, result.GetValue(raw));
        });
        return command;
    }

    private static Command Requeue()
    {
        var options = new DeadLettersOptions("Print the result as one JSON object", "Requeue at most N dead letters");
        var ids = new Argument<string[]>("ID") { Description = IdDescription, Arity = ArgumentArity.ZeroOrMore };
        var allOpen = new Option<bool>("--all-open") { Description = "Requeue all open dead letters" };
        var value = new Option<string?>("--value")
        {
            HelpName = "FILE",
            Description = "Requeue the one dead letter with the bytes of FILE in place of its own",
        };
        var dryRun = new Option<bool>("--dry-run") { Description = "Print the plan without requeuing" };
        var yes = new Option<bool>("--yes")
        {
            Description = "Requeue messages that will be rejected again without asking; required without a terminal",
        };
        var command = new Command(
            "requeue",
            """
            Send dead letters back to the topics that they came from

              grainsensors dlq requeue 0:17 2:4 --kafka localhost:9092
              grainsensors dlq requeue --reason expired --from 2026-11-24 --kafka localhost:9092 --dry-run
              grainsensors dlq requeue --all-open --kafka localhost:9092
              grainsensors dlq requeue 0:17 --value corrected.json --kafka localhost:9092

            Select dead letters by id, by filter, or with --all-open. Each dead letter is requeued once and then marked;
            run an interrupted requeue again to finish it. Bytes, key, headers and timestamp stay unchanged. A message that
            is still invalid becomes a new dead letter: the command counts them first, and asks. --value corrects one of them.
            Truncated dead letters cannot be requeued, and tombstones only with --value.

            Exit codes: 0 done, 3 some could not be requeued, 2 the command could not run.
            """)
        {
            ids,
        };
        Add(command, [allOpen, .. options.Filters, value, dryRun, yes, .. options.Common]);
        command.Validators.Add(result => RequireSelection(
            result, result.GetValue(ids)?.Length ?? 0, options.HasFilter(result) || result.GetResult(allOpen) is not null, value));
        command.SetAction((result, cancellationToken) =>
        {
            var filter = options.Filter(result) with
            {
                Ids = result.GetValue(ids) is { Length: > 0 } named ? named.Select(DeadLettersOptions.Id).ToHashSet() : null,
            };
            var edit = result.GetValue(value) is { } file ? new DeadLetterEdit(filter.Ids!.First(), DeadLettersOptions.Read(file)) : null;
            return options.Run(result).RequeueAsync(
                filter, options.Limit(result), edit, result.GetValue(dryRun), result.GetValue(yes), cancellationToken);
        });
        return command;
    }

    /// <param name="named">The number of ids.</param>
    /// <param name="chosen">Whether a filter or <c>--all-open</c> is given.</param>
    private static void RequireSelection(CommandResult result, int named, bool chosen, Option value)
    {
        if (named == 0 && !chosen)
        {
            result.AddError("Select dead letters: give IDs, a filter such as --reason, or --all-open.");
        }

        if (named > 0 && chosen)
        {
            result.AddError("IDs and filters cannot be combined; give one.");
        }

        if (result.GetResult(value) is not null && named != 1)
        {
            result.AddError("--value corrects one dead letter; give one ID.");
        }
    }

    private static void Add(Command command, IEnumerable<Option> options)
    {
        foreach (var option in options)
        {
            command.Add(option);
        }
    }
}
