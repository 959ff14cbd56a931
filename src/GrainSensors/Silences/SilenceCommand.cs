using System.CommandLine;
using System.Globalization;
using GrainSensors.Core.Time;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Hosting.Lifetime;
using GrainSensors.Hosting.Stores;
using GrainSensors.Invocation;
using GrainSensors.Storage.Alerts;
using GrainSensors.Web.Formatting;

namespace GrainSensors.Silences;

/// <summary><c>silence</c>: times of maintenance.</summary>
internal static class SilenceCommand
{
    public static Command Create() => new(
        "silence",
        """
        Keep alerts from calling anybody for a time; they are raised and kept all the same.

          grainsensors silence add --sensor 7 --for 2h --by ana --reason "new probe"
          grainsensors silence add --all --until 2026-11-24T18:00Z --by ana --reason "network maintenance"
          grainsensors silence list
          grainsensors silence end 0193a5c2-7c1e-7a40-9d53-3f6d2a9b5e10
        """)
    {
        Add(), List(), End(),
    };

    private static Command Add()
    {
        var store = Store();
        var sensor = new Option<int?>("--sensor") { HelpName = "ID", Description = "The sensor" };
        var all = new Option<bool>("--all") { Description = "All sensors" };
        var length = new Option<string?>("--for") { HelpName = "2h", Description = "How long from now: 90s, 10m, 2h, 1d" };
        var until = new Option<string?>("--until") { HelpName = "TIME", Description = "Until when, ISO 8601, UTC unless it has an offset" };
        var by = new Option<string>("--by") { HelpName = "NAME", Description = "Who wants it", DefaultValueFactory = _ => Environment.UserName };
        var reason = new Option<string>("--reason") { HelpName = "TEXT", Description = "Why", Required = true };
        var command = new Command("add", "Silence a sensor or all of them, from now on.") { sensor, all, length, until, by, reason, store };
        command.Validators.Add(result =>
        {
            if (result.GetResult(sensor) is null != result.GetValue(all))
            {
                result.AddError("Say which sensors: give either --sensor or --all.");
            }

            if (result.GetResult(length) is null == result.GetResult(until) is null)
            {
                result.AddError("Say how long: give either --for or --until.");
            }
        });
        command.SetAction((result, cancellationToken) => WithStoreAsync(result.GetValue(store), async silences =>
        {
            var now = EpochTime.Now(TimeProvider.System);
            var silence = new Silence(
                Guid.CreateVersion7(), result.GetValue(sensor), now, EndOf(result.GetValue(length), result.GetValue(until), now),
                result.GetRequiredValue(by), result.GetRequiredValue(reason));
            await silences.AddAsync(silence, cancellationToken);
            Console.WriteLine(Line(silence));
        }));
        return command;
    }

    private static Command List()
    {
        var store = Store();
        var json = CommonOptions.Json();
        var command = new Command("list", "List the silences that have yet to end.") { json, store };
        command.SetAction((result, cancellationToken) => WithStoreAsync(result.GetValue(store), async silences =>
        {
            var found = await silences.ReadAsync(cancellationToken);
            if (result.GetValue(json))
            {
                Console.WriteLine(JsonOutput.Of(found.Select(silence => new
                {
                    silence.Id,
                    silence.SensorId,
                    StartsAt = EpochTime.ToIso8601(silence.StartsAt),
                    EndsAt = EpochTime.ToIso8601(silence.EndsAt),
                    silence.By,
                    silence.Reason,
                })));
                return;
            }

            foreach (var silence in found)
            {
                Console.WriteLine(Line(silence));
            }
        }));
        return command;
    }

    private static Command End()
    {
        var store = Store();
        var id = new Argument<Guid>("ID") { Description = "As list prints it" };
        var command = new Command("end", "End a silence now.") { id, store };
        command.SetAction((result, cancellationToken) => WithStoreAsync(result.GetValue(store), async silences =>
        {
            if (!await silences.EndAsync(result.GetRequiredValue(id), cancellationToken))
            {
                throw new UsageException($"There is no silence {result.GetRequiredValue(id)} that has yet to end; see `grainsensors silence list`.");
            }
        }));
        return command;
    }

    /// <returns>µs since the epoch.</returns>
    /// <exception cref="UsageException">It is not understood, or past.</exception>
    private static long EndOf(string? length, string? until, long now)
    {
        if (length is not null)
        {
            return now + EpochTime.From(OptionValues.Duration("--for", length));
        }

        var end = OptionValues.Time("--until", until!);
        return end > now ? end : throw new UsageException($"--until {until} is past; give a time to come.");
    }

    private static Option<string?> Store() => CommonOptions.Store("The window store that alerts are in [default: that of the configuration]");

    private static async Task<int> WithStoreAsync(string? store, Func<ISilenceStore, Task> action)
    {
        await using var database = StoreFactory.Open(PipelineSettings.Load(CommonOptions.Overrides(("Store", store))));
        await action(database.Silences);
        return ExitCodes.Success;
    }

    private static string Line(Silence silence) => string.Create(
        CultureInfo.InvariantCulture,
        $"{silence.Id}  {(silence.SensorId is { } id ? $"sensor {id}" : "all sensors")} until {EpochTime.ToIso8601(silence.EndsAt)}, by {silence.By}: {silence.Reason}");
}
