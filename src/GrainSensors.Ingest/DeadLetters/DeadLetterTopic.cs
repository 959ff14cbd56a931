using GrainSensors.Ingest.Kafka;
using Microsoft.Extensions.Logging.Abstractions;

namespace GrainSensors.Ingest.DeadLetters;

/// <summary>
/// Reads the dead-letter topic: one pass builds an index, and a second pass reads the selected dead letters. Thereby at most one
/// dead letter is in memory at a time.
/// </summary>
public sealed class DeadLetterTopic : IDisposable
{
    /// <summary>How much further back than the number of dead letters <see cref="ReadLatest"/> looks, because of markers.</summary>
    private const int MaxDepthFactor = 4;

    private readonly IReadOnlySet<string> _topics;
    private readonly int _partitions;
    private readonly DeadLetterScan _scan;

    private DeadLetterTopic(KafkaClients clients, IReadOnlySet<string> topics, int partitions, bool isEmbedded)
    {
        Clients = clients;
        IsEmbedded = isEmbedded;
        _topics = topics;
        _partitions = partitions;
        _scan = new(clients, Name);
    }

    /// <summary>The name of the topic; see <see cref="KafkaOptions.DeadLetterTopic"/>.</summary>
    public string Name => Clients.Options.DeadLetterTopic;

    internal KafkaClients Clients { get; }

    /// <summary>Whether the topic is on the embedded broker, whose transactions are not atomic.</summary>
    internal bool IsEmbedded { get; }

    /// <summary>Opens the topic.</summary>
    /// <exception cref="KafkaUnavailableException">Kafka does not answer within 10 s, or does not have the topic.</exception>
    public static async Task<DeadLetterTopic> OpenAsync(KafkaOptions options)
    {
        var clients = new KafkaClients(options, NullLogger<KafkaClients>.Instance);
        return await KafkaUnavailableException.GuardAsync(options, async () =>
        {
            using var admin = clients.Admin();
            var metadata = await TopicIdentity.MetadataAsync(admin);
            var found = metadata.Topics.Find(topic => topic.Topic == options.DeadLetterTopic);
            if (found is null || found.Partitions.Count == 0)
            {
                throw KafkaUnavailableException.OfMissingTopic(options, options.DeadLetterTopic, nameof(KafkaOptions.DeadLetterTopic));
            }

            var topics = metadata.Topics.Select(topic => topic.Topic).ToHashSet();
            return new DeadLetterTopic(clients, topics, found.Partitions.Count, TopicIdentity.IsEmbedded(metadata));
        });
    }

    /// <summary>Builds an index of the present content of the topic.</summary>
    /// <exception cref="KafkaUnavailableException">Kafka does not answer.</exception>
    public DeadLetterIndex Index(DeadLetterFilter filter, CancellationToken cancellationToken) => Guard(() =>
    {
        var index = new DeadLetterIndex(filter);
        foreach (var record in _scan.Read(_scan.Snapshot(_partitions), cancellationToken))
        {
            index.Add(record);
        }

        return index;
    });

    /// <summary>Reads the dead letters that the filter of the index selects.</summary>
    /// <returns>The dead letters in the order of their ids. Of several copies only the first is returned.</returns>
    /// <exception cref="KafkaUnavailableException">During the enumeration: Kafka does not answer.</exception>
    public IEnumerable<DeadLetterRecord> Read(DeadLetterIndex index, CancellationToken cancellationToken)
    {
        var seen = new HashSet<DeadLetterId>();
        foreach (var (partition, (first, last)) in index.Ranges)
        {
            using var records = _scan.Read([new(partition, first, last + 1)], cancellationToken).GetEnumerator();
            while (Guard(records.MoveNext))
            {
                if (RequeueMarker.IsMarker(records.Current.Message))
                {
                    continue;
                }

                var deadLetter = DeadLetterMessage.From(records.Current);
                if (!index.Filter.Matches(deadLetter))
                {
                    continue;
                }

                var record = index.Lookup(deadLetter);
                if (record.Copies.Count == 1 || seen.Add(record.Copies[0]))
                {
                    yield return record;
                }
            }
        }
    }

    /// <summary>Reads only the ends of the partitions, so the duration does not depend on the size of the topic.</summary>
    /// <param name="count">The number of dead letters at most.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <returns>The latest dead letters, the newest first. The copies of a dead letter are listed too.</returns>
    /// <exception cref="KafkaUnavailableException">Kafka does not answer.</exception>
    public IReadOnlyList<DeadLetterRecord> ReadLatest(int count, CancellationToken cancellationToken) => Guard(() =>
    {
        var ranges = _scan.Snapshot(_partitions);
        for (var depth = count; ; depth *= 2)
        {
            // Markers stand between the dead letters, each after the dead letter that it marks.
            var ends = ranges.ConvertAll(range => range with { Begin = Math.Max(range.Begin, range.End - depth) });
            var records = _scan.Read(ends, cancellationToken).ToList();
            var latest = records.Where(record => !RequeueMarker.IsMarker(record.Message)).Select(DeadLetterMessage.From).ToList();
            if (latest.Count < count && depth < count * MaxDepthFactor && ends.Exists(end => ranges.Exists(range => IsBefore(range, end))))
            {
                continue;
            }

            var index = new DeadLetterIndex(new());
            records.ForEach(index.Add);
            latest.Sort(static (a, b) => b.Time.CompareTo(a.Time) is var byTime and not 0 ? byTime : b.Id.CompareTo(a.Id));
            return (IReadOnlyList<DeadLetterRecord>)[.. latest.Take(count).Select(index.Lookup)];
        }
    });

    /// <summary>Closes the consumer.</summary>
    public void Dispose() => _scan.Dispose();

    /// <returns>Whether the cluster had a topic when this object was opened.</returns>
    internal bool ClusterHas(string topic) => _topics.Contains(topic);

    private static bool IsBefore(DeadLetterScan.OffsetRange range, DeadLetterScan.OffsetRange end) =>
        range.Partition == end.Partition && range.Begin < end.Begin;

    private T Guard<T>(Func<T> read) => KafkaUnavailableException.Guard(Clients.Options, read);
}
