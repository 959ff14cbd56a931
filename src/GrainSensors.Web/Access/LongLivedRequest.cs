namespace GrainSensors.Web.Access;

/// <summary>
/// Metadata of an endpoint whose answers last as long as the client wants: they do not count as requests at once, and the endpoint has
/// a limit of its own.
/// </summary>
internal sealed class LongLivedRequest;
