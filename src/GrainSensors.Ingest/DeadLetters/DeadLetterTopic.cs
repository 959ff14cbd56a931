using GrainSensors.Ingest.Kafka;
using Microsoft.Extensions.Logging.Abstractions;

namespace GrainSensors.Ingest.DeadLetters;

/// <summary>
/// The dead-letter topic as it is read: once for an index of it, and once more for the letters that are wanted, so
/// that no more than one of them is in memory at a time.
/// </summary>
public sealed class DeadLetterTopic : IDisposable
{
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

    /// <summary>As <see cref="KafkaOptions.DeadLetterTopic"/> has it.</summary>
    public string Name => Clients.Options.DeadLetterTopic;

    internal KafkaClients Clients { get; }

    /// <summary>Whether it is on a broker whose transactions are none.</summary>
    internal bool IsEmbedded { get; }

    /// <exception cref="KafkaUnavailableException">Kafka does not answer within 10 s, or has no such topic.</exception>
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

            return new DeadLetterTopic(
                clients, metadata.Topics.Select(topic => topic.Topic).ToHashSet(), found.Partitions.Count, TopicIdentity.IsEmbedded(metadata));
        });
    }

    /// <summary>Reads what the topic holds at this moment.</summary>
    /// <exception cref="KafkaUnavailableException">Kafka does not answer.</exception>
    public DeadLetterIndex Index(DeadLetterFilter filter, CancellationToken cancellationToken) => KafkaUnavailableException.Guard(Clients.Options, () =>
    {
        var index = new DeadLetterIndex(filter);
        foreach (var record in _scan.Read(_scan.Snapshot(_partitions), cancellationToken))
        {
            index.Add(record);
        }

        return index;
    });

    /// <returns>The letters that the index's filter takes, of those that are copies only the first; in the order of their ids.</returns>
    /// <exception cref="KafkaUnavailableException">While it is enumerated: Kafka does not answer.</exception>
    public IEnumerable<DeadLetterRecord> Read(DeadLetterIndex index, CancellationToken cancellationToken)
    {
        var seen = new HashSet<DeadLetterId>();
        foreach (var (partition, (first, last)) in index.Ranges)
        {
            using var records = _scan.Read([new(partition, first, last + 1)], cancellationToken).GetEnumerator();
            while (KafkaUnavailableException.Guard(Clients.Options, records.MoveNext))
            {
                if (RequeueMark.IsMark(records.Current.Message) || DeadLetterMessage.From(records.Current) is not { } letter || !index.Filter.Takes(letter))
                {
                    continue;
                }

                var filed = index.File(letter);
                if (filed.Copies.Count == 1 || seen.Add(filed.Copies[0]))
                {
                    yield return filed;
                }
            }
        }
    }

    /// <summary>Reads the ends of the topic only, which takes as long however much is in it.</summary>
    /// <param name="count">At most so many.</param>
    /// <returns>The newest letters, the last one first.</returns>
    /// <exception cref="KafkaUnavailableException">Kafka does not answer.</exception>
    public IReadOnlyList<DeadLetterMessage> ReadLatest(int count, CancellationToken cancellationToken) => KafkaUnavailableException.Guard(Clients.Options, () =>
    {
        var ends = _scan.Snapshot(_partitions).ConvertAll(stretch => stretch with { Begin = Math.Max(stretch.Begin, stretch.End - count) });
        var letters = ReadLetters(ends, cancellationToken);
        letters.Sort(static (a, b) => b.Time.CompareTo(a.Time) is var byTime and not 0 ? byTime : b.Id.CompareTo(a.Id));
        return (IReadOnlyList<DeadLetterMessage>)letters.GetRange(0, Math.Min(count, letters.Count));
    });

    /// <returns>Null: there is no letter with this id.</returns>
    /// <exception cref="KafkaUnavailableException">Kafka does not answer.</exception>
    public DeadLetterMessage? Find(DeadLetterId id, CancellationToken cancellationToken) => KafkaUnavailableException.Guard(Clients.Options, () =>
    {
        var (partition, offset) = id;
        var isThere = _scan.Snapshot(_partitions).Exists(stretch => stretch.Partition == partition && offset >= stretch.Begin && offset < stretch.End);
        return isThere ? ReadLetters([new(partition, offset, offset + 1)], cancellationToken).Find(letter => letter.Id == id) : null;
    });

    public void Dispose() => _scan.Dispose();

    private List<DeadLetterMessage> ReadLetters(IReadOnlyCollection<DeadLetterScan.OffsetRange> stretches, CancellationToken cancellationToken) =>
        [.. _scan.Read(stretches, cancellationToken).Where(record => !RequeueMark.IsMark(record.Message)).Select(DeadLetterMessage.From)];

    /// <returns>Whether there was such a topic when this was opened.</returns>
    internal bool HasBeside(string topic) => _topics.Contains(topic);
}
