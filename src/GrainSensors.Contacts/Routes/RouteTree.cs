namespace GrainSensors.Contacts.Routes;

/// <summary>A version of the routes, ready for use.</summary>
/// <param name="changedAt">µs since the epoch.</param>
internal sealed class RouteTree(int version, long changedAt, Route root)
{
    private readonly Dictionary<string, Route> _byKey = root.All().ToDictionary(route => route.Key, StringComparer.Ordinal);

    public int Version => version;

    public long ChangedAt => changedAt;

    public Route? Find(string key) => _byKey.GetValueOrDefault(key);

    public IEnumerable<Route> Of(IReadOnlyDictionary<string, string> labels) => root.Find(labels);
}
