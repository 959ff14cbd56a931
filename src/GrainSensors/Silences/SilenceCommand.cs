using System.CommandLine;
using System.CommandLine.Parsing;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Text;
using GrainSensors.Core.Time;
using GrainSensors.Hosting.Access;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Hosting.Lifetime;
using GrainSensors.Hosting.Stores;
using GrainSensors.Invocation;
using GrainSensors.Storage;
using GrainSensors.Storage.Alerts;
using GrainSensors.Storage.Names;
using GrainSensors.Web.Formatting;

namespace GrainSensors.Silences;

/// <summary><c>silence</c>: mutes notifications during maintenance.</summary>
internal static class SilenceCommand
{
    public static Command Create() => new(
        "silence",
        """
        Mute notifications during maintenance

        Alerts are still raised and stored.

          grainsensors silence add --sensor 7 --for 2h --by ana --reason "new probe"
          grainsensors silence add --sensor kitchen-1 --for 2h --reason "new probe"
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
        var sensor = CommonOptions.Sensor("Id or name of the sensor to mute");
        var all = new Option<bool>("--all") { Description = "Mute all sensors" };
        var length = CommonOptions.Duration("--for", "Duration from now, such as 90s, 2h or 1d");
        var until = CommonOptions.Time("--until", "End of the silence; UTC without an offset");
        var by = new Option<string?>("--by") { HelpName = "NAME", Description = "Author of the silence [default: your user name]" };
        var reason = new Option<string>("--reason") { HelpName = "TEXT", Description = "Reason for the silence", Required = true };
        var command = new Command("add", "Mute notifications of one sensor or of all sensors from now on")
        {
            sensor, all, length, until, by, reason, store,
        };
        command.Validators.Add(result =>
        {
            if (result.GetResult(sensor) is null != result.GetResult(all) is not null)
            {
                result.AddError("Give either --sensor or --all.");
            }

            if (result.GetResult(length) is null == result.GetResult(until) is null)
            {
                result.AddError("Give either --for or --until.");
            }
        });
        command.SetAction((result, cancellationToken) => WithStoreAsync(result.GetValue(store), async database =>
        {
            var now = EpochTime.Now(TimeProvider.System);
            var muted = result.GetValue(sensor);
            var silence = new Silence(
                Guid.CreateVersion7(),
                muted is { } wanted ? await RequireAsync(database, wanted, cancellationToken) : null,
                now,
                EndOf(result.GetValue(length), result.GetValue(until), now),
                result.GetValue(by) ?? Environment.UserName,
                result.GetRequiredValue(reason));
            Confirmation.Announce($"Adding a silence to {database.Description}");
            await database.Silences.AddAsync(silence, cancellationToken);
            await database.RecordAsync(AuditActions.SilenceAdd, $"{silence.Id}", Scope(muted), cancellationToken);
            Console.WriteLine(Line(silence, muted));
        }, cancellationToken));
        return command;
    }

    private static Command List()
    {
        var store = Store();
        var json = CommonOptions.Json("Print the result as a JSON array");
        var command = new Command("list", "List active silences") { json, store };
        command.SetAction((result, cancellationToken) => WithStoreAsync(result.GetValue(store), async database =>
        {
            var found = await database.Silences.ReadAsync(cancellationToken);
            var names = await database.Names.NamesAmongAsync(found.Select(silence => silence.SensorId).OfType<int>(), cancellationToken);
            if (result.GetValue(json))
            {
                Console.WriteLine(JsonOutput.Of(found.Select(silence => new
                {
                    silence.Id,
                    SensorId = SensorOf(silence),
                    StartsAt = EpochTime.ToIso8601(silence.StartsAt),
                    EndsAt = EpochTime.ToIso8601(silence.EndsAt),
                    silence.By,
                    silence.Reason,
                })));
                return;
            }

            foreach (var silence in found)
            {
                Console.WriteLine(Line(silence, SensorOf(silence)));
            }

            SensorRef? SensorOf(Silence silence) => silence.SensorId is { } id ? SensorRef.Of(id, names) : null;
        }, cancellationToken));
        return command;
    }

    private static Command End()
    {
        var store = Store();
        var id = new Argument<Guid>("ID") { Description = "Id of the silence, as `silence list` prints it", CustomParser = Id };
        var command = new Command("end", "End a silence now") { id, store };
        command.SetAction((result, cancellationToken) => WithStoreAsync(result.GetValue(store), async database =>
        {
            var silence = result.GetRequiredValue(id);
            var isActive = (await database.Silences.ReadAsync(cancellationToken)).Any(active => active.Id == silence);
            if (isActive)
            {
                Confirmation.Announce($"Ending a silence in {database.Description}");
            }

            if (!isActive || !await database.Silences.EndAsync(silence, cancellationToken))
            {
                throw new UsageException(
                    $"Silence {silence} is unknown or has ended; `grainsensors silence list` prints active silences.");
            }

            await database.RecordAsync(AuditActions.SilenceEnd, $"{silence}", cancellationToken: cancellationToken);
        }, cancellationToken));
        return command;
    }

    private static Guid Id(ArgumentResult result)
    {
        var text = result.Tokens[^1].Value;
        if (Guid.TryParse(text, out var id))
        {
            return id;
        }

        result.AddError($"ID must be the id of a silence, as `grainsensors silence list` prints it; got \"{text}\".");
        return default;
    }

    /// <returns>µs since the epoch.</returns>
    /// <exception cref="UsageException">The end is in the past.</exception>
    private static long EndOf(TimeSpan? length, long? until, long now)
    {
        var end = until ?? now + EpochTime.From(length!.Value);
        return end > now ? end : throw new UsageException($"--until must be in the future; got {EpochTime.ToIso8601(end)}.");
    }

    private static Option<string?> Store() => CommonOptions.Store($"Store of the alerts {CommonOptions.FromConfiguration}");

    private static async Task<int> WithStoreAsync(
        string? store, Func<IStore, Task> action, CancellationToken cancellationToken)
    {
        var settings = PipelineSettings.Load(CommonOptions.Overrides(("Store", store)));
        await using var database = await StoreFactory.OpenExistingAsync(settings, cancellationToken);
        await action(database);
        return ExitCodes.Success;
    }

    /// <exception cref="UsageException">The sensor has a name that is unknown.</exception>
    private static async Task<int> RequireAsync(IStore store, SensorRef sensor, CancellationToken cancellationToken) =>
        (await store.Names.WithNumbersAsync([sensor], cancellationToken))[0].Id is not SensorName.NoNumber and var id
            ? id
            : throw new UsageException(
                $"Sensor \"{PrintableText.Escape($"{sensor}")}\" is unknown: it has never reported, and is not registered in "
                + $"{store.Description}. See `grainsensors sensors list`.");

    private static string Line(Silence silence, SensorRef? sensor) =>
        $"{silence.Id}  {Scope(sensor)} until {EpochTime.ToIso8601(silence.EndsAt)}, by {PrintableText.Escape(silence.By)}: "
        + PrintableText.Escape(silence.Reason);

    private static string Scope(SensorRef? sensor) => sensor is { } muted ? $"sensor {PrintableText.Escape($"{muted}")}" : "all sensors";
}
