using System.Diagnostics;

namespace GrainSensors.Ingest.Telemetry;

/// <summary>A reading that is traced.</summary>
/// <param name="Offset">The offset of the reading.</param>
/// <param name="Parent">The span of the sender.</param>
/// <param name="FetchedAt">The time of the fetch.</param>
internal readonly record struct FollowedReading(long Offset, ActivityContext Parent, DateTimeOffset FetchedAt);
