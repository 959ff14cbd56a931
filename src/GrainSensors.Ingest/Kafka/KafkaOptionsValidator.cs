using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace GrainSensors.Ingest.Kafka;

/// <summary>Checks <see cref="KafkaOptions"/> before a client is created.</summary>
public sealed class KafkaOptionsValidator : IValidateOptions<KafkaOptions>
{
    /// <summary>Checks the options.</summary>
    /// <exception cref="ArgumentException">
    /// An option is invalid. The text names the key, the value and the remedy, and contains no secret.
    /// </exception>
    public static void Validate(KafkaOptions options)
    {
        if (new KafkaOptionsValidator().Validate(null, options) is { Failed: true } result)
        {
            throw new ArgumentException(result.FailureMessage);
        }
    }

    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, KafkaOptions options)
    {
        var failures = TopicFailures(options).Concat(GroupFailures(options))
            .Concat(ConnectionFailures(name, options))
            .Select(failure => $"{KafkaOptions.Section}:{failure}")
            .ToList();
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(string.Join(' ', failures));
    }

    /// <summary>Without an address, a broker of this process is used, and the settings for another one are not.</summary>
    private static IEnumerable<string> ConnectionFailures(string? name, KafkaOptions options) => options.BootstrapServers.Length > 0
        ? new KafkaConnectionOptionsValidator().Validate(name, options).Failures ?? []
        : [];

    private static IEnumerable<string> GroupFailures(KafkaOptions options)
    {
        if (options.SessionTimeout < TimeSpan.FromSeconds(1) || options.SessionTimeout > TimeSpan.FromHours(1))
        {
            yield return MustBe(nameof(options.SessionTimeout), "a duration from 1 s to 1 h", options.SessionTimeout);
        }

        if (options.GroupId.Length == 0)
        {
            yield return $"{nameof(options.GroupId)} is empty; give the name of a consumer group.";
        }
    }

    private static IEnumerable<string> TopicFailures(KafkaOptions options)
    {
        var keys = new Dictionary<string, string>();
        foreach (var (key, topic) in new[]
        {
            (nameof(options.Topic), options.Topic),
            (nameof(options.DeadLetterTopic), options.DeadLetterTopic),
            (nameof(options.LogTopic), options.LogTopic),
            (nameof(options.WindowTopic), options.WindowTopic),
            (nameof(options.IngestRecordTopic), options.IngestRecordTopic),
        })
        {
            if (key == nameof(options.WindowTopic) && topic.Length == 0)
            {
                continue;
            }

            if (!KafkaTopicOptions.IsValidName(topic))
            {
                yield return MustBe(key, "1 to 249 letters, digits, dots, underscores and hyphens", topic);
            }
            else if (!keys.TryAdd(topic, key))
            {
                yield return MustBe(key, $"another topic than {keys[topic]}", topic);
            }
        }

        if (options.Partitions < 1)
        {
            yield return MustBe(nameof(options.Partitions), "at least 1", options.Partitions);
        }

        if (options.ReplicationFactor is not (-1 or (>= 1 and <= short.MaxValue)))
        {
            yield return MustBe(nameof(options.ReplicationFactor), "at least 1, or -1 for the broker's default", options.ReplicationFactor);
        }

        if (options.TopicRetention is { } retention && retention <= TimeSpan.Zero && retention != Timeout.InfiniteTimeSpan)
        {
            yield return MustBe(
                nameof(options.TopicRetention), "a duration above 0, or -00:00:00.001 for unlimited retention", options.TopicRetention);
        }
    }

    private static string MustBe(string key, string rule, object? value) => $"{key} must be {rule}; got \"{value}\".";
}
