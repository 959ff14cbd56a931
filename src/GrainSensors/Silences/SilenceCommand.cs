using System.CommandLine;
using System.CommandLine.Parsing;
using GrainSensors.Core.Labels;
using GrainSensors.Core.Text;
using GrainSensors.Core.Time;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Hosting.Lifetime;
using GrainSensors.Hosting.Stores;
using GrainSensors.Invocation;
using GrainSensors.Storage.Labels;
using GrainSensors.Web.Changes;
using GrainSensors.Web.Formatting;

namespace GrainSensors.Silences;

/// <summary><c>silence</c>: mutes notifications during maintenance.</summary>
internal static class SilenceCommand
{
    public static Command Create() => new(
        "silence",
        $$"""
        Mute notifications during maintenance

        Alerts are still raised and stored. Works on the store, or with --url through the API of a running silo: so also while run writes
        its SQLite file. An access key with the role admin is in {{SiloApi.KeyVariable}}.

          grainsensors silence add --sensor 7 --for 2h --by ana --reason "new probe"
          grainsensors silence add --sensor kitchen-1 --for 2h --reason "new probe"
          grainsensors silence add --match city=~Val.* --match severity=warning --for 2h --reason "new probes"
          grainsensors silence add --all --until 2026-11-24T18:00Z --by ana --reason "network maintenance"
          grainsensors silence list --url http://localhost:8080
          grainsensors silence end 0193a5c2-7c1e-7a40-9d53-3f6d2a9b5e10
        """)
    {
        Add(), List(), End(),
    };

    private static Command Add()
    {
        var (store, url) = (Store(), Url());
        var sensor = CommonOptions.Sensor("Id or name of the sensor to mute");
        var match = new Option<string[]>("--match")
        {
            HelpName = "CONDITION",
            Description = "Mute alerts by a label, such as city=~\"Val.*\"; may be repeated, and all must hold",
            CustomParser = Conditions,
        };
        var all = new Option<bool>("--all") { Description = "Mute all sensors" };
        var from = CommonOptions.Time("--from", "Start of the silence; UTC without an offset [default: now]");
        var length = CommonOptions.Duration("--for", "Duration from the start, such as 90s, 2h or 1d");
        var until = CommonOptions.Time("--until", "End of the silence; UTC without an offset");
        var by = new Option<string?>("--by") { HelpName = "NAME", Description = "Author of the silence [default: your user name]" };
        var reason = new Option<string>("--reason") { HelpName = "TEXT", Description = "Reason for the silence", Required = true };
        var command = new Command("add", "Mute notifications of a sensor, of alerts whose labels match, or of all sensors")
        {
            sensor, match, all, from, length, until, by, reason, store, url,
        };
        Require(command, [sensor, match, all], length, until);
        RefuseBoth(command, store, url);
        command.SetAction((result, cancellationToken) => WithAsync(result.GetValue(store), result.GetValue(url), async silences =>
        {
            var (start, end) = (result.GetValue(from), result.GetValue(until));
            RequireOrder(start, end);
            var request = new SilenceRequest
            {
                SensorId = result.GetValue(sensor),
                Matchers = result.GetResult(match) is null ? null : result.GetValue(match),
                All = result.GetValue(all) ? true : null,
                StartsAt = start is { } first ? EpochTime.ToIso8601(first) : null,
                EndsAt = end is { } last ? EpochTime.ToIso8601(last) : null,
                For = result.GetValue(length) is { } duration ? Durations.Format(duration) : null,
                By = result.GetValue(by) ?? DefaultAuthor(silences),
                Reason = result.GetRequiredValue(reason),
            };
            Console.WriteLine(Line(await silences.AddAsync(request, cancellationToken)));
        }, cancellationToken));
        return command;
    }

    private static void Require(Command command, Option[] scopes, Option length, Option until) => command.Validators.Add(result =>
    {
        if (scopes.Count(option => result.GetResult(option) is not null) != 1)
        {
            result.AddError("Give one of --sensor, --match and --all.");
        }

        if (result.GetResult(length) is null == result.GetResult(until) is null)
        {
            result.AddError("Give either --for or --until.");
        }
    });

    private static Command List()
    {
        var (store, url) = (Store(), Url());
        var json = CommonOptions.Json("Print the result as a JSON array");
        var command = new Command("list", "List active and future silences") { json, store, url };
        RefuseBoth(command, store, url);
        command.SetAction((result, cancellationToken) => WithAsync(result.GetValue(store), result.GetValue(url), async silences =>
        {
            var found = await silences.ReadAsync(cancellationToken);
            foreach (var line in result.GetValue(json) ? [JsonOutput.Of(found)] : found.Select(Line))
            {
                Console.WriteLine(line);
            }
        }, cancellationToken));
        return command;
    }

    private static Command End()
    {
        var (store, url) = (Store(), Url());
        var id = new Argument<Guid>("ID") { Description = "Id of the silence, as `silence list` prints it", CustomParser = Id };
        var command = new Command("end", "End a silence now") { id, store, url };
        RefuseBoth(command, store, url);
        command.SetAction((result, cancellationToken) => WithAsync(result.GetValue(store), result.GetValue(url), async silences =>
            await silences.EndAsync(result.GetRequiredValue(id), cancellationToken), cancellationToken));
        return command;
    }

    private static Option<string?> Store() => CommonOptions.Store($"Store of the alerts {CommonOptions.FromConfiguration}");

    private static Option<string?> Url() => new("--url")
    {
        HelpName = "URL",
        Description = "Use the API of the silo with this console, such as http://localhost:8080, and not the store",
    };

    private static void RefuseBoth(Command command, Option<string?> store, Option<string?> url) => command.Validators.Add(result =>
    {
        if (result.GetResult(store) is not null && result.GetResult(url) is not null)
        {
            result.AddError("Give either --store or --url.");
        }
    });

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

    private static string[] Conditions(ArgumentResult result)
    {
        string[] texts = [.. result.Tokens.Select(token => token.Value)];
        try
        {
            foreach (var text in texts)
            {
                LabelMatcher.Parse(text);
            }

            return [.. SilenceConditions.Parse(texts, "--match").Texts];
        }
        catch (FormatException e)
        {
            result.AddError(e.Message.StartsWith("--match", StringComparison.Ordinal) ? e.Message : $"--match {e.Message}");
            return [];
        }
    }

    /// <exception cref="UsageException">The end is in the past, or not after the start.</exception>
    private static void RequireOrder(long? from, long? until)
    {
        if (until <= EpochTime.Now(TimeProvider.System))
        {
            throw new UsageException($"--until must be in the future; got {EpochTime.ToIso8601(until.Value)}.");
        }

        if (until <= from)
        {
            throw new UsageException(
                $"--until must be after --from; got {EpochTime.ToIso8601(until.Value)} and {EpochTime.ToIso8601(from.Value)}.");
        }
    }

    /// <returns>Null: the access key has a name.</returns>
    private static string? DefaultAuthor(ISilences silences) =>
        silences is SiloSilences && SiloApi.HasKey ? null : Environment.UserName;

    private static async Task<int> WithAsync(
        string? store, string? url, Func<ISilences, Task> action, CancellationToken cancellationToken)
    {
        await using var silences = url is null ? await OpenAsync(store, cancellationToken) : new SiloSilences(url);
        await action(silences);
        return ExitCodes.Success;
    }

    private static async Task<ISilences> OpenAsync(string? store, CancellationToken cancellationToken) => new StoredSilences(
        await StoreFactory.OpenExistingAsync(PipelineSettings.Load(CommonOptions.Overrides(("Store", store))), cancellationToken));

    private static string Line(SilenceBody silence) =>
        $"{silence.Id}  {PrintableText.Escape(Scope(silence))}{StartOf(silence)} until {TextOf(silence.EndsAt)}, by "
        + $"{PrintableText.Escape(silence.By)}: {PrintableText.Escape(silence.Reason)}";

    private static string StartOf(SilenceBody silence) => silence.Status == "active" ? "" : $" from {TextOf(silence.StartsAt)}";

    private static string TextOf(DateTime time) => EpochTime.ToIso8601(EpochTime.From(new DateTimeOffset(time)));

    private static string Scope(SilenceBody silence) =>
        silence.Matchers is { } matchers ? $"{{{string.Join(", ", matchers)}}}"
        : silence.SensorId is { } sensor ? $"sensor {sensor}"
        : "all sensors";
}
