using System.Text.Json;

namespace GrainSensors.Storage.Reconciliation;

/// <summary>The JSON of the column <c>sources</c>: <c>[{"topic_id":"…","partition":0,"from":0,"to":1234}]</c>.</summary>
internal static class SourcesJson
{
    public static string Of(IReadOnlyList<SourceRange> sources) => JsonSerializer.Serialize(sources.Select(range => new
    {
        topic_id = range.Source.TopicId,
        partition = range.Source.Partition,
        from = range.Begin,
        to = range.End,
    }));
}
