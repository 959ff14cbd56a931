using System.Text;
using GrainSensors.Core.Readings;
using GrainSensors.Reconciliation.Model;
using GrainSensors.Sources;
using GrainSensors.Sources.Configuration;
using GrainSensors.Sources.Schemas;
using GrainSensors.Storage.Reconciliation;
using GrainSensors.Storage.Versions;

namespace GrainSensors.Reconciliation.Parsing;

/// <summary>Makes the parsers of a topic: one for each meaning that its messages have had.</summary>
internal sealed class MessageParsers(LogTopic topic, ReconciliationRequest request, SourceSchemas schemas)
{
    private readonly string _present =
        MessageMeaning.Of(request.Measurements, request.Discovery, request.Earliest, topic.Source, schemas).ToJson();

    private readonly Dictionary<string, IMessageParser?> _parsers = [];

    /// <summary>Reads messages as the present configuration does.</summary>
    public IMessageParser Present => field ??= Create(
        topic.Source, request.Measurements, [.. request.Discovered.Select(found => found.Name)], request.MaxDiscovered, request.Earliest);

    public bool IsPresent(MessageVersion version) => version.Meaning == _present;

    /// <returns>Reads messages as they were read then; null: that is not known any more.</returns>
    public IMessageParser? Of(MessageVersion version)
    {
        if (IsPresent(version))
        {
            return Present;
        }

        if (!_parsers.TryGetValue(version.Meaning, out var parser))
        {
            _parsers.Add(version.Meaning, parser = CreateEarlier(version.Meaning));
        }

        return parser;
    }

    /// <param name="isKnown">Whether the engine can read messages of the version.</param>
    /// <returns>The first offset from which on every message is of known versions.</returns>
    public static long JudgedFrom(SourceRange range, Func<MessageVersion, bool> isKnown)
    {
        if (range.Versions.Count == 0)
        {
            return 0;
        }

        var from = range.Versions.Min(version => version.FirstOffset);
        for (var i = 0; i < range.Versions.Count; i++)
        {
            from = isKnown(range.Versions[i]) ? from : Math.Max(from, UsedUntil(range, i));
        }

        return from;
    }

    /// <returns>The first offset at which the version was not used any more.</returns>
    public static long UsedUntil(SourceRange range, int version) =>
        version + 1 < range.Versions.Count ? range.Versions[version + 1].SettledOffset : long.MaxValue;

    private EarlierMessages? CreateEarlier(string json)
    {
        try
        {
            if (MessageMeaning.Parse(json, topic.Source, schemas) is not { } meaning)
            {
                return null;
            }

            var declared = meaning.Measurements.Select(measurement => measurement.Name).ToList();
            // A name that is not stored was never taken.
            var others = request.Stored.Select(stored => stored.Name)
                .Where(name => !declared.Contains(name) && meaning.Discovery.Cover(Encoding.UTF8.GetBytes(name))).ToList();
            var maxDiscovered = Math.Max(0, meaning.Discovery.MaxPerReading - declared.Count);
            var parser = Create(meaning.Source, meaning.Measurements, others, maxDiscovered, meaning.Earliest);
            return new(parser, [.. declared, .. others], declared.Count, request);
        }
        catch (SourceOptionsException)
        {
            return null; // the present configuration does not say where its schemas are
        }
    }

    private IMessageParser Create(
        SourceOptions? source, IReadOnlyList<Measurement> measurements, IReadOnlyList<string> discovered, int maxDiscovered,
        long earliest) =>
        source is null
            ? new ContractMessages(new(measurements, earliest, discovered, maxDiscovered))
            : new MappedMessages(topic.Name, new(source, schemas), new(measurements, discovered, maxDiscovered), earliest);
}
