using GrainSensors.Core.Readings;
using GrainSensors.Core.Windows;
using GrainSensors.Ingest.DeadLetters;
using GrainSensors.Sources;
using GrainSensors.Sources.Configuration;
using GrainSensors.Sources.Messages;
using GrainSensors.Sources.Schemas;

namespace GrainSensors.Ingest.Tests.DeadLetters;

/// <summary>Whether a registry has a schema may change, and what was decided by it does not.</summary>
public sealed class SchemaRefusalTests : IDisposable
{
    private static readonly byte[] Message = [0, 0, 0, 0, 7, 2];
    private readonly SourceSchemas _schemas = new();

    public void Dispose() => _schemas.Dispose();

    [Fact]
    public void A_message_that_was_refused_for_its_schema_is_refused_again_without_the_registry()
    {
        var reader = new SourceReader(
            new()
            {
                Format = SourceFormat.Avro,
                SchemaRegistry = new() { Url = "http://127.0.0.1:1" },
                Mapping = new() { Sensor = "{key}", Numbers = "" },
            },
            _schemas);
        var rules = new RejectionRules(
            new(MeasurementSet.Default, new()), new(Period.FromSeconds(60), Timeout.InfiniteTimeSpan));
        var mapped = new MappedReadings(rules, new(rules.Catalog, rules.AcceptedTimes, new()), rules.Catalog.Declared.Count);
        var refusal = new Refusal(5, -1, RejectReason.NoSchema, 1);
        var judged = new Refusals([refusal], mayRepeat: true, 0);

        Assert.True(mapped.TryRead(reader, new SourceMessage(Message), judged, offset: 5, null, now: 2, out _));
        var letter = mapped.Explain(new("farm", 0, 5, RejectReason.None, "", Message, new(null, [], null)));
        Assert.Equal((RejectReason.NoSchema, null), (letter.Reason, letter.Parts));
        Assert.Equal([refusal], letter.Refusals);

        Assert.False(mapped.TryRead(reader, new SourceMessage(Message), judged, offset: 6, null, now: 2, out var schemaId));
        Assert.Equal(7, schemaId);
        Assert.False(mapped.IsRejected);
    }
}
