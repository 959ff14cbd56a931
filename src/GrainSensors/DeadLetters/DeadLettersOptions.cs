using System.CommandLine;
using System.CommandLine.Parsing;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Time;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Ingest.DeadLetters;
using GrainSensors.Invocation;

namespace GrainSensors.DeadLetters;

/// <summary>Options of several dead-letter commands, and their values.</summary>
internal sealed class DeadLettersOptions
{
    private readonly Option<string?> _kafka = CommonOptions.Kafka("Kafka with the dead-letter topic");
    private readonly Option<string?> _topic = new("--dlq-topic")
    {
        HelpName = "NAME",
        Description = "The dead-letter topic [default: sensor-data-dlq]",
    };

    private readonly Option<bool> _json;
    private readonly Option<string[]> _reason = new("--reason")
    {
        HelpName = "REASON",
        Description = $"Only this reason; may be repeated: {string.Join(", ", DeadLetterMessage.Reasons)}",
    };

    private readonly Option<long?> _from = CommonOptions.Time(
        "--from", "Only dead letters written at or after this time; UTC without an offset");

    private readonly Option<long?> _to = CommonOptions.Time("--to", "Only dead letters written before this time");
    private readonly Option<string?> _source = new("--source")
    {
        HelpName = "TOPIC[:PARTITION[:OFFSET]]",
        Description = "Only messages from this topic, partition or offset",
    };

    private readonly Option<int?> _limit;

    public DeadLettersOptions(string json, string limit = "")
    {
        _json = CommonOptions.Json(json);
        _limit = CommonOptions.Integer("--limit", "N", limit, least: 1);
    }

    /// <summary>The options of all dead-letter commands.</summary>
    public IEnumerable<Option> Common => [_kafka, _topic, _json];

    /// <summary>The options that select dead letters.</summary>
    public IEnumerable<Option> Filters => [_reason, _from, _to, _source, _limit];

    /// <exception cref="UsageException">No Kafka is configured.</exception>
    public DeadLettersRun Run(ParseResult result)
    {
        var settings = PipelineSettings.Load(CommonOptions.Overrides(
            ("Kafka:BootstrapServers", result.GetValue(_kafka)), ("Kafka:DeadLetterTopic", result.GetValue(_topic))));
        var catalog = new MeasurementCatalog(settings.Measurements, settings.Discovery);
        var rules = new RejectionRules(new(catalog, settings.Readings), new(settings.Ingest.Period, settings.Ingest.Retention));
        return new(settings.Kafka.RequireAddress(), rules, settings.SourceTopics, result.GetValue(_json));
    }

    public bool IsJson(CommandResult result) => result.GetResult(_json) is not null;

    public int? Limit(ParseResult result) => result.GetValue(_limit);

    public bool HasFilter(CommandResult result) =>
        new Option[] { _reason, _from, _to, _source }.Any(option => result.GetResult(option) is not null);

    /// <exception cref="UsageException">The filter is invalid.</exception>
    public DeadLetterFilter Filter(ParseResult result)
    {
        var (from, to) = (result.GetValue(_from), result.GetValue(_to));
        if (from >= to)
        {
            throw new UsageException(
                $"--from must be before --to; got {EpochTime.ToIso8601(from.Value)} and {EpochTime.ToIso8601(to.Value)}.");
        }

        var reasons = result.GetValue(_reason) ?? [];
        if (reasons.Except(DeadLetterMessage.Reasons).FirstOrDefault() is { } unknown)
        {
            throw new UsageException($"--reason must be one of {string.Join(", ", DeadLetterMessage.Reasons)}; got \"{unknown}\".");
        }

        var filter = new DeadLetterFilter
        {
            From = from is { } first ? EpochTime.ToDateTime(first) : null,
            To = to is { } end ? EpochTime.ToDateTime(end) : null,
            Reasons = reasons.Length == 0 ? null : reasons.ToHashSet(),
        };
        return result.GetValue(_source) is not { } source ? filter
            : filter.WithSource(source)
                ?? throw new UsageException($"--source must be TOPIC, TOPIC:PARTITION or TOPIC:PARTITION:OFFSET; got \"{source}\".");
    }

    /// <exception cref="UsageException">The text is not an id.</exception>
    public static DeadLetterId Id(string text) => DeadLetterId.TryParse(text, out var id)
        ? id
        : throw new UsageException($"ID must be PARTITION:OFFSET, such as 0:17, as `grainsensors dlq list` prints it; got \"{text}\".");

    /// <exception cref="UsageException">The file cannot be read.</exception>
    public static byte[] Read(string file)
    {
        try
        {
            return File.ReadAllBytes(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new UsageException($"--value: \"{file}\" cannot be read: {e.Message.TrimEnd('.')}.", e);
        }
    }
}
