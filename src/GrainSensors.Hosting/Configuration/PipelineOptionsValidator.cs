using System.Globalization;
using GrainSensors.Core.Text;
using GrainSensors.Hosting.Configuration.Binding;
using GrainSensors.Mqtt.Configuration;
using GrainSensors.Sources;

namespace GrainSensors.Hosting.Configuration;

/// <summary>Checks the values of <see cref="PipelineOptions"/>; its sections have validators of their own.</summary>
internal sealed class PipelineOptionsValidator() : OptionsValidator<PipelineOptions>(PipelineOptions.Section)
{
    /// <summary>In characters.</summary>
    private const int MaxUnit = 30;

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
            [options.Kafka.DeadLetterTopic, options.Kafka.LogTopic, options.Kafka.WindowTopic, options.Kafka.IngestRecordTopic]);
        foreach (var failure in mqtt.Check(options.Mqtt).Concat(options.Measurements.SelectMany(CheckUnit)))
        {
            yield return failure;
        }

        var rules = new SourceRules($"{PipelineOptions.Section}:{nameof(options.Sources)}", [.. options.Kafka.AllTopics]);
        foreach (var failure in rules.Check(options.Sources).Concat(ContactSettings.Check(options)))
        {
            yield return failure;
        }
    }

    private static IEnumerable<string> CheckUnit(MeasurementOptions measurement, int index)
    {
        var key = string.Create(CultureInfo.InvariantCulture, $"{PipelineOptions.Section}:{nameof(PipelineOptions.Measurements)}:{index}");
        var unit = measurement.KeptUnit;
        if (unit.Length > MaxUnit || PrintableText.HasInvisible(unit))
        {
            yield return $"{key}:Unit must have at most {MaxUnit} characters, none of them a control or format character; "
                + $"got \"{PrintableText.Escape(unit, MaxUnit)}\".";
        }
        else if (!string.IsNullOrWhiteSpace(measurement.SentUnit) && WhyNot(measurement.SentUnit, unit) is { } reason)
        {
            yield return $"{key}:SentUnit cannot be converted to Unit: {reason}. "
                + "Give two units of one quantity, such as °F and °C, or remove SentUnit: values are then kept as they are sent.";
        }
    }

    /// <returns>Null: there is a conversion.</returns>
    private static string? WhyNot(string sent, string kept)
    {
        if (kept.Length == 0)
        {
            return "Unit is missing";
        }

        try
        {
            UnitConversions.Find(sent, kept);
            return null;
        }
        catch (FormatException e)
        {
            return PrintableText.Escape(e.Message);
        }
    }
}
