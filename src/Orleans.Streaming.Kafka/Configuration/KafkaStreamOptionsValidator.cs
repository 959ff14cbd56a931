using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Streaming.Kafka;

namespace Orleans.Configuration;

/// <summary>
/// Checks <see cref="KafkaStreamOptions"/> before a client is created. Each failure names the option, its value and the remedy.
/// </summary>
public sealed class KafkaStreamOptionsValidator : IConfigurationValidator
{
    private static readonly string[] BuiltIn = [JsonMessageFormat.Name, BytesMessageFormat.Name];

    private readonly KafkaStreamOptions _options;
    private readonly string _name;
    private readonly Func<string, bool> _hasFormat;
    private readonly OptionChecks _checks = new();

    /// <summary>Creates the validator of a stream provider's options.</summary>
    /// <param name="options">The options to check.</param>
    /// <param name="name">The name of the stream provider.</param>
    /// <param name="hasFormat">Whether <c>AddFormat</c> has added a format of that name.</param>
    public KafkaStreamOptionsValidator(KafkaStreamOptions options, string name, Func<string, bool> hasFormat) =>
        (_options, _name, _hasFormat) = (options, name, hasFormat);

    /// <inheritdoc/>
    /// <exception cref="OrleansConfigurationException">An option is invalid.</exception>
    public void ValidateConfiguration()
    {
        CheckNumbers();
        CheckTimes();
        CheckTopics();
        _checks.Require(_options.BootstrapServers.Trim().Length > 0, $"{nameof(_options.BootstrapServers)} is required; use host:port.");
        _checks.MustBe(
            Enum.IsDefined(_options.FailurePolicy), nameof(_options.FailurePolicy), "DeadLetter or StopPartition", _options.FailurePolicy);
        _checks.MustBe(
            Enum.IsDefined(_options.StartPosition), nameof(_options.StartPosition), "Latest, Earliest or Timestamp",
            _options.StartPosition);
        _checks.Require(
            _options.StartTimestamp.HasValue == (_options.StartPosition == KafkaStartPosition.Timestamp),
            $"{nameof(_options.StartTimestamp)} is required with {nameof(_options.StartPosition)} Timestamp, and only with it; "
            + $"got {nameof(_options.StartPosition)} {_options.StartPosition} and {nameof(_options.StartTimestamp)} "
            + $"\"{_options.StartTimestamp:O}\".");
        _checks.Require(
            _options.ConsumerGroup is not "", $"{nameof(_options.ConsumerGroup)} is empty; give the name of a group or remove the option.");

        // ConfigureClient may supply what the options lack; librdkafka checks the result.
        if (_options.ConfigureClient is null)
        {
            _checks.Add(new KafkaConnectionOptionsValidator().Validate(_name, _options).Failures ?? []);
        }

        if (_checks.Failures.Count > 0)
        {
            throw new OrleansConfigurationException(
                $"Invalid options of the Kafka stream provider \"{_name}\": {string.Join(' ', _checks.Failures)}");
        }
    }

    internal static IConfigurationValidator Create(IServiceProvider services, string name) => new KafkaStreamOptionsValidator(
        services.GetRequiredService<IOptionsMonitor<KafkaStreamOptions>>().Get(name),
        name,
        format => services.GetKeyedService<IKafkaMessageFormat>(format) is not null);

    private void CheckNumbers()
    {
        CheckAtLeast(nameof(_options.BatchSize), _options.BatchSize, 1);
        CheckAtLeast(nameof(_options.MaxMessagesPerDelivery), _options.MaxMessagesPerDelivery, 1);
        CheckAtLeast(nameof(_options.CacheBytes), _options.CacheBytes, 64 * 1024);
        CheckAtLeast(nameof(_options.MaxMessageBytes), _options.MaxMessageBytes, 1024);
    }

    private void CheckTimes()
    {
        _checks.MustBe(_options.CacheAge >= TimeSpan.Zero, nameof(_options.CacheAge), "a duration of at least 0", _options.CacheAge);
        CheckBetween(nameof(_options.PollTimeout), _options.PollTimeout, TimeSpan.FromMilliseconds(1), TimeSpan.FromMinutes(1));
        CheckBetween(
            nameof(_options.CheckpointInterval), _options.CheckpointInterval, TimeSpan.FromMilliseconds(10), TimeSpan.FromHours(1));
        CheckBetween(nameof(_options.StartTimeout), _options.StartTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1));
        CheckBetween(nameof(_options.SendTimeout), _options.SendTimeout, TimeSpan.FromMilliseconds(100), TimeSpan.FromHours(1));
        CheckBetween(nameof(_options.Linger), _options.Linger, TimeSpan.Zero, TimeSpan.FromMinutes(1));
    }

    private void CheckTopics()
    {
        var names = new HashSet<string>();
        var namespaces = new HashSet<string>();
        for (var i = 0; i < _options.Topics.Count; i++)
        {
            var topic = _options.Topics[i];
            var at = $"{nameof(_options.Topics)}:{i}";
            CheckTopicNames(at, topic);
            _checks.Require(
                names.Add(topic.Name), $"{at}:{nameof(topic.Name)} \"{topic.Name}\" occurs twice; list each topic once.");
            _checks.Require(
                topic.IsPattern || namespaces.Add(topic.Namespace ?? ""),
                $"{at}:{nameof(topic.Namespace)} \"{topic.Namespace}\" occurs twice; use another namespace for each topic.");
            CheckTopic(at, topic);
        }

        CheckDeadLetterTopic(nameof(_options.DeadLetterTopic), _options.DeadLetterTopic, names);
        for (var i = 0; i < _options.Topics.Count; i++)
        {
            CheckDeadLetterTopic(
                $"{nameof(_options.Topics)}:{i}:{nameof(KafkaTopicOptions.DeadLetterTopic)}", _options.Topics[i].DeadLetterTopic, names);
        }
    }

    private void CheckDeadLetterTopic(string key, string? topic, HashSet<string> streamTopics)
    {
        if (topic is not null)
        {
            CheckTopicName(key, topic);
            _checks.Require(!streamTopics.Contains(topic), $"{key} \"{topic}\" is a topic of streams; use another topic.");
        }
    }

    private void CheckTopic(string at, KafkaTopicOptions topic)
    {
        CheckAtLeast($"{at}:{nameof(topic.Partitions)}", topic.Partitions, 1);
        _checks.MustBe(
            topic.ReplicationFactor is -1 or (>= 1 and <= short.MaxValue),
            $"{at}:{nameof(topic.ReplicationFactor)}", "at least 1, or -1 for the broker's default", topic.ReplicationFactor);
        _checks.MustBe(
            topic.Retention is not { } retention || retention > TimeSpan.Zero || retention == Timeout.InfiniteTimeSpan,
            $"{at}:{nameof(topic.Retention)}", "a duration above 0, or -00:00:00.001 for unlimited retention", topic.Retention);
        _checks.MustBe(
            topic.Format is null || BuiltIn.Contains(topic.Format) || _hasFormat(topic.Format),
            $"{at}:{nameof(topic.Format)}", "json, bytes or a format added with AddFormat", topic.Format);
        _checks.MustBe(
            topic.FailurePolicy is not { } policy || Enum.IsDefined(policy),
            $"{at}:{nameof(topic.FailurePolicy)}", "DeadLetter or StopPartition", topic.FailurePolicy);
        _checks.MustBe(Enum.IsDefined(topic.StreamPer), $"{at}:{nameof(topic.StreamPer)}", "Key or Partition", topic.StreamPer);
    }

    private void CheckTopicNames(string at, KafkaTopicOptions topic)
    {
        var key = $"{at}:{nameof(topic.Name)}";
        if (!topic.IsPattern)
        {
            CheckTopicName(key, topic.Name);
            return;
        }

        _checks.MustBe(KafkaTopicOptions.IsValidPattern(topic.Name), key, "a regular expression of .NET", topic.Name);
        _checks.Require(
            !topic.ProduceOnly,
            $"{at}:{nameof(topic.ProduceOnly)} is true, and {key} \"{topic.Name}\" is a regular expression; list the topics by name.");
    }

    private void CheckTopicName(string key, string topic) => _checks.MustBe(
        KafkaTopicOptions.IsValidName(topic), key, "1 to 249 letters, digits, dots, underscores and hyphens", topic);

    private void CheckAtLeast(string key, long value, long least) => _checks.MustBe(value >= least, key, $"at least {least}", value);

    private void CheckBetween(string key, TimeSpan value, TimeSpan least, TimeSpan most) =>
        _checks.MustBe(value >= least && value <= most, key, $"a duration from {least} to {most}", value);
}
