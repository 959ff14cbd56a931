using System.CommandLine;

namespace GrainSensors.DeadLetters;

/// <summary><c>dlq</c>: what became of messages that are no readings.</summary>
internal static class DeadLettersCommand
{
    public static Command Create() => new(
        "dlq",
        """
        Look at the dead letters, the messages that were rejected, and put them back.

          grainsensors dlq list --kafka localhost:9092
          grainsensors dlq show 0:17 --kafka localhost:9092
          grainsensors dlq requeue --reason expired --kafka localhost:9092

        A letter is named by where it stands in the dead-letter topic, PARTITION:OFFSET. It holds the bytes as they came,
        why they were rejected and where they stood; it is open until it is requeued.
        """)
    {
        List(), Show(), Requeue(),
    };

    private static Command List()
    {
        var options = new DeadLettersOptions("Print one JSON object a line, one for each letter", "List at most so many");
        var all = new Option<bool>("--all") { Description = "List those too that were requeued" };
        var command = new Command(
            "list",
            """
            List the open letters by their ids; how many there are, by reason, comes last, on standard error.

              grainsensors dlq list --kafka localhost:9092 --reason not-json --reason not-an-object
              grainsensors dlq list --kafka localhost:9092 --from 2026-11-24T10:00Z --to 2026-11-24T11:00Z --all
              grainsensors dlq list --kafka localhost:9092 --source sensor-data:3 --json

            The same bytes from the same place are listed once, however many copies there are.
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
        var options = new DeadLettersOptions("Print one JSON object, with the bytes in Base64", "");
        var id = new Argument<string>("ID") { Description = "PARTITION:OFFSET, as list prints it" };
        var raw = new Option<bool>("--raw") { Description = "Write the bytes and nothing else to standard output" };
        var command = new Command(
            "show",
            """
            Show one letter: its headers, whether and when it was requeued, and its bytes, as text or else in hexadecimal.

              grainsensors dlq show 0:17 --kafka localhost:9092
              grainsensors dlq show 0:17 --kafka localhost:9092 --raw > letter.bin
            """)
        {
            id, raw,
        };
        Add(command, options.Common);
        command.Validators.Add(result =>
        {
            if (result.GetValue(raw) && options.IsJson(result))
            {
                result.AddError("--raw and --json are two ways to print the bytes: give one of them.");
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
        var options = new DeadLettersOptions("Print the result as one JSON object", "Requeue at most so many");
        var ids = new Argument<string[]>("ID") { Description = "PARTITION:OFFSET, as list prints it", Arity = ArgumentArity.ZeroOrMore };
        var allOpen = new Option<bool>("--all-open") { Description = "Every open letter" };
        var dryRun = new Option<bool>("--dry-run") { Description = "Print what would be done, and do nothing" };
        var command = new Command(
            "requeue",
            """
            Put the bytes of letters back into the topics that they came from, and mark the letters.

              grainsensors dlq requeue 0:17 2:4 --kafka localhost:9092
              grainsensors dlq requeue --reason expired --from 2026-11-24 --kafka localhost:9092 --dry-run
              grainsensors dlq requeue --all-open --kafka localhost:9092

            A letter is requeued once: those that are marked are skipped, so that an interrupted requeue is simply started
            again. The bytes go as they are: what is still no reading becomes another letter. Tombstones and letters that
            were truncated have nothing to put back. Exit codes: 0 done, 3 some were not possible or failed, 2 it could not run.
            """)
        {
            ids,
        };
        Add(command, [allOpen, .. options.Filters, dryRun, .. options.Common]);
        command.Validators.Add(result =>
        {
            var named = result.GetValue(ids) is { Length: > 0 };
            var chosen = options.HasFilter(result) || result.GetValue(allOpen);
            if (!named && !chosen)
            {
                result.AddError("Say which letters: give their IDs, a filter such as --reason, or --all-open.");
            }

            if (named && chosen)
            {
                result.AddError("Give either IDs or filters.");
            }
        });
        command.SetAction((result, cancellationToken) =>
        {
            var filter = options.Filter(result);
            if (result.GetValue(ids) is { Length: > 0 } named)
            {
                filter = filter with { Ids = named.Select(DeadLettersOptions.Id).ToHashSet() };
            }

            return options.Run(result).RequeueAsync(filter, options.Limit(result), result.GetValue(dryRun), cancellationToken);
        });
        return command;
    }

    private static void Add(Command command, IEnumerable<Option> options)
    {
        foreach (var option in options)
        {
            command.Add(option);
        }
    }
}
