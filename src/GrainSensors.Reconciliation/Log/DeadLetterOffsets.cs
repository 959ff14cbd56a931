using System.Globalization;
using System.Text;
using Confluent.Kafka;
using GrainSensors.Reconciliation.Local;
using GrainSensors.Reconciliation.Log;

namespace GrainSensors.Reconciliation;

/// <summary>Which messages of the readings' topic are dead letters, by their offsets: 40 bytes for each.</summary>
public sealed class DeadLetterOffsets
{
    /// <summary>These depend on the moment at which the stream read the message, which nobody knows any more.</summary>
    private static readonly string[] OfTheClock = ["expired", "invalid-timestamp"];

    private readonly Dictionary<int, SortedList<long, Letter>> _letters = [];

    /// <summary>Letters were removed from the topic: that a message is none of those left says nothing.</summary>
    public bool AreIncomplete { get; private set; }

    /// <param name="Reason">As the header has it.</param>
    /// <param name="Contents">What an independent parser makes of the letter's bytes.</param>
    /// <param name="IsTruncated">Only the first of its bytes are left.</param>
    internal readonly record struct Letter(string Reason, ParsedMessage Contents, bool IsTruncated)
    {
        /// <summary>The engine can tell, too, whether this is a reading.</summary>
        public bool IsOfContents => !OfTheClock.Contains(Reason);

        /// <returns>Whether the letter is about this message, and not about one of a topic of the same name that is gone.</returns>
        public bool IsAbout(in ParsedMessage message) => IsTruncated ? !message.IsReading : Contents == message;
    }

    /// <exception cref="KafkaException">Kafka does not answer.</exception>
    internal static DeadLetterOffsets Read(IReadingLog log, ContractParser parser, CancellationToken cancellationToken)
    {
        var letters = new DeadLetterOffsets();
        if (log.DeadLetterPartitions == 0)
        {
            return letters;
        }

        using var consumer = log.Reader<byte[]?>("headers").Build();
        var stretches = LogRead.Everything(consumer, log.DeadLetterTopic, log.DeadLetterPartitions);
        var overtaken = LogRead.Run(
            consumer, log.DeadLetterTopic, stretches, record => letters.Add(record.Message, log.Topic, parser), cancellationToken);
        letters.AreIncomplete = overtaken.Count > 0 || stretches.Any(stretch => stretch.Begin > 0);
        consumer.Close();
        return letters;
    }

    internal bool TryFind(int partition, long offset, out Letter letter)
    {
        letter = default;
        return _letters.TryGetValue(partition, out var offsets) && offsets.TryGetValue(offset, out letter);
    }

    /// <summary>Those that an engine leaves out.</summary>
    internal IEnumerable<(int Partition, long Offset, Letter Letter)> All =>
        _letters.SelectMany(partition => partition.Value.Select(letter => (partition.Key, letter.Key, letter.Value)));

    internal void Add(int partition, long offset, Letter letter)
    {
        if (!_letters.TryGetValue(partition, out var offsets))
        {
            _letters.Add(partition, offsets = []);
        }

        // Of several letters about one place the last one counts: the others may be of a topic that is gone.
        offsets[offset] = letter;
    }

    private void Add(Message<Ignore, byte[]?> message, string topic, ContractParser parser)
    {
        if (Text(message.Headers, "mark") is not null || Text(message.Headers, "source.topic") != topic
            || !int.TryParse(Text(message.Headers, "source.partition"), NumberStyles.None, CultureInfo.InvariantCulture, out var partition)
            || !long.TryParse(Text(message.Headers, "source.offset"), NumberStyles.None, CultureInfo.InvariantCulture, out var offset))
        {
            return;
        }

        var contents = parser.Parse(message.Value, message.Value is null);
        Add(partition, offset, new(Text(message.Headers, "reason") ?? "", contents, Text(message.Headers, "original.size") is not null));
    }

    private static string? Text(Headers headers, string name) =>
        headers.TryGetLastBytes(name, out var value) && value is not null ? Encoding.UTF8.GetString(value) : null;
}
