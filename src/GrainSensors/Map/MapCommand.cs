using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Hosting.Configuration.Binding;
using GrainSensors.Hosting.Lifetime;
using GrainSensors.Invocation;
using GrainSensors.Sources;
using GrainSensors.Sources.Configuration;
using GrainSensors.Sources.Messages;
using GrainSensors.Sources.Schemas;
using GrainSensors.Terminal;
using GrainSensors.Web.Formatting;

namespace GrainSensors.Map;

/// <summary><c>map</c>: shows the readings that a source or a preset makes of a payload.</summary>
internal static class MapCommand
{
    private const string StandardInput = "-";

    public static Command Create()
    {
        var file = new Argument<string>("FILE") { Description = "Payload of one message; - is standard input" };
        var source = new Option<string?>("--source") { HelpName = "NAME", Description = "Source of the configuration" };
        var preset = CommonOptions.Choice("--preset", $"Known payload: {string.Join(", ", Presets)}", [.. Presets]);
        preset.HelpName = "PRESET";
        var key = new Option<string?>("--key") { HelpName = "TEXT", Description = "Key of the message" };
        var topic = new Option<string?>("--topic") { HelpName = "TOPIC", Description = "Topic of the message, of MQTT or Kafka" };
        var timestamp = CommonOptions.Time("--timestamp", "Timestamp of the message; UTC without an offset [default: unknown]");
        var headers = new Option<string[]>("--header") { HelpName = "NAME=VALUE", Description = "Header of the message; may be repeated" };
        var json = CommonOptions.Json();
        var command = new Command(
            "map",
            """
            Show the readings that a source makes of a payload

            The configuration (Sources) or a preset says where a payload has its sensor, its time and its values. Rejected readings go to
            standard error with their reason; the exit code is 3 then.

              grainsensors map --preset chirpstack uplink.json
              grainsensors map --preset tasmota --topic tele/cellar/SENSOR -
              grainsensors map --source greenhouse --json payload.json
            """)
        {
            file, source, preset, key, topic, timestamp, headers, json,
        };
        command.Validators.Add(result => RequireOne(result, source, preset));
        command.SetAction(async (result, stop) =>
        {
            using var schemas = new SourceSchemas();
            var reader = new SourceReader(OptionsOf(result.GetValue(source), result.GetValue(preset)), schemas);
            var given = GivenHeaders.Parse(result.GetValue(headers) ?? []);
            var payload = await ReadAsync(reader, result.GetRequiredValue(file), stop);
            var message = new SourceMessage(payload.Span)
            {
                Key = Utf8(result.GetValue(key)),
                Topic = Utf8(result.GetValue(topic)),
                Timestamp = result.GetValue(timestamp) ?? SourceMessage.NoTime,
                Headers = given,
            };
            var readings = new MappedReadings();
            reader.Read(in message, readings);
            Print(readings, result.GetValue(json));
            return readings.Rejected.Count == 0 ? ExitCodes.Success : ExitCodes.SomethingRejected;
        });
        return command;
    }

    private static void RequireOne(CommandResult result, Option source, Option preset)
    {
        if (result.GetResult(source) is null == result.GetResult(preset) is null)
        {
            result.AddError("Give either --source or --preset.");
        }
    }

    private static IEnumerable<string> Presets =>
        OptionText.NamesOf(typeof(SourcePreset)).Where(name => (SourcePreset)name.Value != SourcePreset.None).Select(name => name.Key);

    /// <exception cref="UsageException">The configuration has no such source.</exception>
    private static SourceOptions OptionsOf(string? source, string? preset)
    {
        if (preset is not null)
        {
            return new() { Preset = (SourcePreset)OptionText.NamesOf(typeof(SourcePreset))[preset] };
        }

        var sources = PipelineConfiguration.Load(CommonOptions.Overrides()).Options.Sources;
        return sources.FirstOrDefault(known => known.Name.Equals(source, StringComparison.OrdinalIgnoreCase))
            ?? throw new UsageException(
                $"--source must be the name of a source of the configuration; got \"{source}\". "
                + (sources.Count == 0
                    ? $"{PipelineOptions.Section}:Sources is empty."
                    : $"There is {string.Join(", ", sources.Select(known => known.Name))}."));
    }

    /// <summary>Reads the payload, and fetches its schema.</summary>
    /// <exception cref="SchemasUnavailableException">The schema registry does not answer.</exception>
    private static async Task<ReadOnlyMemory<byte>> ReadAsync(SourceReader reader, string file, CancellationToken stop)
    {
        var payload = Read(file);
        if (reader.AwaitsSchema(payload.Span, out var schemaId))
        {
            await reader.FetchSchemasAsync([schemaId], stop);
        }

        return payload;
    }

    /// <returns>The bytes of the file, up to one more than a message may have.</returns>
    private static ReadOnlyMemory<byte> Read(string file)
    {
        try
        {
            using var stream = file == StandardInput ? Console.OpenStandardInput() : File.OpenRead(file);
            var bytes = new byte[SourceReader.MaxBytesOfMany + 1];
            return bytes.AsMemory(0, stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"FILE cannot be read: {e.Message.TrimEnd('.')}.", e);
        }
    }

    private static void Print(MappedReadings readings, bool json)
    {
        if (json)
        {
            Console.WriteLine(JsonOutput.Of(new { readings.Readings, readings.Rejected }));
            return;
        }

        foreach (var line in readings.ToLines())
        {
            Console.WriteLine(line);
        }

        foreach (var rejected in readings.Rejected)
        {
            var part = rejected.Index is { } index ? Text($"Reading {index}") : "The message";
            Console.Error.WriteLine($"{part} is rejected ({rejected.Reason}): {rejected.Detail}.");
        }

        var rest = readings.Rejected.Count > 0 ? Text($", {readings.Rejected.Count} rejected") : "";
        Console.Error.WriteLine($"{Plural.Of(readings.Readings.Count, "reading")}{rest}");
    }

    private static byte[] Utf8(string? text) => Encoding.UTF8.GetBytes(text ?? "");

    private static string Text(FormattableString text) => FormattableString.Invariant(text);
}
