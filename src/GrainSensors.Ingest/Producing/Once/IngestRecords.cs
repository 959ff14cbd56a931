using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using GrainSensors.Ingest.Kafka;
using GrainSensors.Storage.Idempotency;
using Orleans.Streaming.Kafka;

namespace GrainSensors.Ingest.Producing.Once;

/// <summary>The records that requests with an Idempotency-Key write in the transaction of their readings.</summary>
internal sealed class IngestRecords(KafkaClients clients) : IDisposable
{
    /// <summary>The header with the hash of the request.</summary>
    private const string HashHeader = "request.sha256";

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(100);

    private readonly AdminConnection _admin = new(clients.Admin);
    private volatile int _partitions;

    public KafkaOptions Options => clients.Options;

    private string Topic => Options.IngestRecordTopic;

    /// <returns>The end of the partition for records of the key. A record that is written later is not before it.</returns>
    /// <exception cref="KafkaUnavailableException">Kafka does not answer, or the topic is missing.</exception>
    public Task<RecordPosition> EndAsync(ClaimKey key) => KafkaUnavailableException.GuardAsync(clients.Options, async () =>
    {
        if (_partitions == 0)
        {
            var metadata = await _admin.RequestAsync(admin => Task.Run(() => admin.GetMetadata(Topic, Timeout)));
            var found = metadata.Topics.Find(topic => topic.Topic == Topic && KafkaTopicCreation.Exists(topic))
                ?? throw KafkaUnavailableException.OfMissingTopic(clients.Options, Topic, nameof(KafkaOptions.IngestRecordTopic));
            _partitions = found.Partitions.Count;
        }

        var partition = KafkaPartitioner.PartitionOf(KeyOf(key), _partitions);
        return new RecordPosition(partition, await OffsetAsync(partition, OffsetSpec.Latest()));
    });

    /// <param name="answer">The answer to the request, as JSON.</param>
    public (TopicPartition To, Message<byte[]?, byte[]?> Message) Of(ClaimKey key, Claim claim, string answer) => (
        new(Topic, claim.Record.Partition),
        new()
        {
            Key = KeyOf(key),
            Value = Encoding.UTF8.GetBytes(answer),
            Headers = new() { { HashHeader, Encoding.ASCII.GetBytes(claim.BodyHash) } },
        });

    /// <summary>
    /// Looks for the record of a claim whose producer is fenced. All that Kafka has by now is read, also where the transaction of another
    /// request must end first.
    /// </summary>
    /// <returns>The answer; null: no transaction of the claim was committed.</returns>
    /// <exception cref="RecordsLostException">Records after the claim were removed.</exception>
    /// <exception cref="KafkaUnavailableException">Kafka does not answer, or the other transaction does not end.</exception>
    public Task<string?> FindAsync(ClaimKey key, Claim claim) => KafkaUnavailableException.GuardAsync(clients.Options, async () =>
    {
        var partition = claim.Record.Partition;
        var (begin, end) = (await OffsetAsync(partition, OffsetSpec.Earliest()), await OffsetAsync(partition, OffsetSpec.Latest()));

        // Offsets start again in a topic that was created again.
        var from = claim.Record.Offset <= end ? claim.Record.Offset : begin;
        var found = from < begin
            ? throw Lost()
            : from == end ? null
            : await Task.Run(() => Find(KeyOf(key), claim.BodyHash, new(Topic, partition, from), end));
        return found is null && claim.Record.Offset > end ? throw Lost() : found;
    });

    private RecordsLostException Lost() => new($"The topic \"{Topic}\" no longer has the records of the time of the first request");

    public void Dispose() => _admin.Dispose();

    private static byte[] KeyOf(ClaimKey key) => SHA256.HashData(Encoding.UTF8.GetBytes($"{key.Caller}\n{key.Key}"));

    private string? Find(byte[] key, string hash, TopicPartitionOffset from, long end)
    {
        using var reader = clients.DeadLetterReader();
        reader.Assign(from);
        var started = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(started) < Timeout)
        {
            if (reader.Consume(Step) is not { } result)
            {
                continue;
            }

            // Another body with the same key is of a claim that is older than the known ones.
            if (!result.IsPartitionEOF && result.Message is var message && message.Key.AsSpan().SequenceEqual(key)
                && message.Headers.TryGetLastBytes(HashHeader, out var bytes) && Encoding.ASCII.GetString(bytes) == hash)
            {
                return Encoding.UTF8.GetString(message.Value!);
            }

            if (result.Offset >= (result.IsPartitionEOF ? end : end - 1))
            {
                return null;
            }
        }

        throw new KafkaException(new Error(
            Confluent.Kafka.ErrorCode.Local_TimedOut, $"the transaction of another request on \"{Topic}\" has not ended"));
    }

    /// <summary>The end counts messages of open transactions, too.</summary>
    private async Task<long> OffsetAsync(int partition, OffsetSpec spec)
    {
        var asked = new TopicPartitionOffsetSpec { TopicPartition = new(Topic, partition), OffsetSpec = spec };
        var listed = await _admin.RequestAsync(admin => admin.ListOffsetsAsync(
            [asked], new() { RequestTimeout = Timeout, IsolationLevel = IsolationLevel.ReadUncommitted }));
        return listed.ResultInfos[0].TopicPartitionOffsetError.Offset;
    }
}
