using GrainSensors.Hosting.Configuration.Binding;
using GrainSensors.Mqtt.Configuration;
using GrainSensors.Sources;

namespace GrainSensors.Hosting.Configuration;

/// <summary>Checks the values of <see cref="PipelineOptions"/>; its sections have validators of their own.</summary>
internal sealed class PipelineOptionsValidator() : OptionsValidator<PipelineOptions>(PipelineOptions.Section)
{
    protected override IEnumerable<string> Check(PipelineOptions options)
    {
        if (options.MaxCheckpointInterval < options.CheckpointInterval)
        {
            var least = ConfiguredDuration.Format(options.CheckpointInterval);
            var given = ConfiguredDuration.Format(options.MaxCheckpointInterval);
            yield return $"{PipelineOptions.Section}:MaxCheckpointInterval must be a duration of at least the CheckpointInterval, {least}; "
                + $"got \"{given}\".";
        }

        // Contract JSON may come by MQTT, so the topic of readings can take it.
        var mqtt = new MqttRules(
            $"{PipelineOptions.Section}:{nameof(options.Mqtt)}",
            [options.Kafka.DeadLetterTopic, options.Kafka.LogTopic, options.Kafka.WindowTopic]);
        foreach (var failure in mqtt.Check(options.Mqtt))
        {
            yield return failure;
        }

        var rules = new SourceRules($"{PipelineOptions.Section}:{nameof(options.Sources)}", [.. options.Kafka.AllTopics]);
        foreach (var failure in rules.Check(options.Sources))
        {
            yield return failure;
        }
    }
}
