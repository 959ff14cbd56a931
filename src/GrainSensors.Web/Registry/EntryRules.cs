using System.Globalization;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Text;
using GrainSensors.Grains.Alerts;
using GrainSensors.Storage;
using GrainSensors.Storage.Sensors;
using NodaTime;

namespace GrainSensors.Web.Registry;

/// <summary>What an entry of the registry must fulfil, whoever writes it.</summary>
internal sealed class EntryRules(MonitorRules rules, MeasurementSet measurements)
{
    public const double MaxOffset = 1000;

    /// <summary>In characters.</summary>
    private const int MaxText = 200;

    /// <param name="before">
    /// The entry that was changed. Its texts, offset and rules are not checked again: another program may have written them.
    /// </param>
    /// <exception cref="FormatException">The entry is invalid; the message names the field, the value and what it must be.</exception>
    public void Check(RegisteredSensor entry, RegisteredSensor before)
    {
        CheckText("display_name", entry.DisplayName, before.DisplayName);
        CheckText("city", entry.City, before.City);
        CheckText("station", entry.Station, before.Station);
        CheckNumber("latitude", entry.Latitude, 90);
        CheckNumber("longitude", entry.Longitude, 180);
        CheckNumber("diff_temperature", entry.Offset == before.Offset ? 0 : entry.Offset, MaxOffset);
        if (entry.Latitude is null != entry.Longitude is null)
        {
            throw new FormatException("A position needs latitude and longitude; give both, or neither.");
        }

        if (entry.TimeZone is { } zone && DateTimeZoneProviders.Tzdb.GetZoneOrNull(zone) is null)
        {
            throw new FormatException(
                $"time_zone must be an IANA id such as Europe/Madrid; got \"{PrintableText.Escape(zone, MaxText)}\".");
        }

        if (entry.Overrides is { } overrides && overrides != before.Overrides)
        {
            try
            {
                RuleOverrides.Apply(overrides, rules.Usual, measurements);
            }
            catch (Exception e) when (e is FormatException or InvalidOperationException)
            {
                throw new FormatException($"The overrides of sensor {entry.Sensor} are invalid. {PrintableText.Escape(e.Message)}", e);
            }
        }
    }

    /// <summary>Writes checked entries. A sensor with a name that is new gets its number.</summary>
    /// <param name="entries">Entries of distinct sensors; those with names without their numbers.</param>
    /// <returns>The entries with the numbers.</returns>
    public static async Task<IReadOnlyList<RegisteredSensor>> WriteAsync(
        IStore store, IReadOnlyList<RegisteredSensor> entries, CancellationToken cancellationToken)
    {
        var sensors = await WithNumbersAsync(store, [.. entries.Select(entry => entry.Sensor)], cancellationToken);
        entries = [.. entries.Zip(sensors, (entry, sensor) => entry with { SensorId = sensor.Id })];
        await store.Sensors.WriteAsync(entries, cancellationToken);
        return entries;
    }

    /// <returns>The sensors with the numbers of their names. A name that is new gets one.</returns>
    public static async Task<IReadOnlyList<SensorRef>> WithNumbersAsync(
        IStore store, IReadOnlyList<SensorRef> sensors, CancellationToken cancellationToken)
    {
        string[] names = [.. sensors.Select(sensor => sensor.Name).OfType<string>()];
        if (names.Length == 0)
        {
            return sensors;
        }

        var numbers = names.Zip(await store.Names.RegisterAsync(names, cancellationToken)).ToDictionary();
        return [.. sensors.Select(sensor => sensor.Name is { } name ? new(numbers[name], name) : sensor)];
    }

    private static void CheckText(string field, string? text, string? before)
    {
        if (text is not null && text != before && (text.Length > MaxText || PrintableText.HasInvisible(text)))
        {
            throw new FormatException(
                $"{field} must have at most {MaxText} characters, none of them a control or format character; "
                + $"got \"{PrintableText.Escape(text, MaxText)}\".");
        }
    }

    private static void CheckNumber(string field, double? number, double most)
    {
        if (number is { } given && !(Math.Abs(given) <= most))
        {
            throw new FormatException(
                string.Create(CultureInfo.InvariantCulture, $"{field} must be a number from {-most} to {most}; got {given}."));
        }
    }
}
