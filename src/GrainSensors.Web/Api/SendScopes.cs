using System.Text;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Sensors;
using GrainSensors.Storage;
using GrainSensors.Storage.Access;
using GrainSensors.Storage.Names;
using GrainSensors.Storage.Windows;
using GrainSensors.Web.Access;
using Microsoft.AspNetCore.Http;

namespace GrainSensors.Web.Api;

/// <summary>Refuses what a device key may not send, before anything of the request is stored.</summary>
internal sealed class SendScopes(IStore store)
{
    /// <summary>The name by which a key has the topic of readings as its source.</summary>
    public const string Readings = "sensor-data";

    /// <summary>Sensors that a refusal names.</summary>
    private const int MaxNamed = 5;

    /// <param name="utf8">An id, or a valid name in any normal form, as readings have it.</param>
    /// <returns>The sensor that the silos will count the reading for.</returns>
    public static SensorRef SensorOf(ReadOnlySpan<byte> utf8) => SensorRef.Parse(Encoding.UTF8.GetString(utf8))
        ?? throw new ArgumentException("The sensor is neither an id nor a name.", nameof(utf8));

    /// <exception cref="ApiException">The sender may send to another source only.</exception>
    public static void RequireSource(Sender sender, string source)
    {
        if (sender.Scope is { Kind: KeyScopeKind.Source, Value: var only } && !only.Equals(source, StringComparison.OrdinalIgnoreCase))
        {
            throw Forbidden($"The device key \"{sender.Name}\" may send to the source \"{only}\" only; got \"{source}\".");
        }
    }

    /// <exception cref="ApiException">The sender may not send for one of the sensors.</exception>
    /// <exception cref="WindowStoreUnavailableException">The registry cannot be read.</exception>
    public async Task RequireSensorsAsync(
        Sender sender, IReadOnlyCollection<SensorRef> sensors, CancellationToken cancellationToken)
    {
        if (!sender.IsLimitedToSensors || sender.Scope is not { } scope)
        {
            return;
        }

        var others = scope.Kind == KeyScopeKind.Device
            ? [.. sensors.Where(sensor => $"{sensor}" != scope.Value)]
            : await WithoutTagAsync(sensors, scope.Value, cancellationToken);
        if (others.Count > 0)
        {
            var named = string.Join(", ", others.Take(MaxNamed).Select(sensor => $"\"{ApiQuery.Quote($"{sensor}")}\""));
            var more = others.Count > MaxNamed ? FormattableString.Invariant($" and {others.Count - MaxNamed} more") : "";
            var allowed = scope.Kind == KeyScopeKind.Device
                ? $"for the sensor \"{scope.Value}\" only"
                : $"only for sensors that have the tag {scope.Value} in the registry";
            throw Forbidden($"The device key \"{sender.Name}\" may send {allowed}; got {named}{more}.");
        }
    }

    /// <summary>Refuses a payload whose sensors may come to light later.</summary>
    public static ApiException Unreadable(Sender sender, string reason) => Forbidden(
        $"The device key \"{sender.Name}\" may send for some sensors only, and those of the payload are not known: {reason}");

    /// <returns>The sensors that do not have the tag, or are not registered.</returns>
    private async Task<List<SensorRef>> WithoutTagAsync(
        IReadOnlyCollection<SensorRef> sensors, string tag, CancellationToken cancellationToken)
    {
        var wanted = SensorTags.OfStored([SensorTags.ParseTag(tag)]);
        var numbered = await store.Names.WithNumbersAsync([.. sensors], cancellationToken);
        var entries = await store.Sensors.FindAsync(
            [.. numbered.Select(sensor => sensor.Id).Where(id => id != SensorName.NoNumber)], cancellationToken);
        var tagged = entries.Where(entry => entry.Tags.Include(wanted)).Select(entry => entry.SensorId).ToHashSet();
        return [.. numbered.Where(sensor => !tagged.Contains(sensor.Id))];
    }

    private static ApiException Forbidden(string detail) => new(StatusCodes.Status403Forbidden, $"{detail} Nothing was stored.");
}
