using GrainSensors.Core.Readings;
using GrainSensors.Web.Api.Description;
using GrainSensors.Web.Registry;
using Microsoft.AspNetCore.Mvc;

namespace GrainSensors.Web.Api;

/// <summary>The parameters of a list of sensors.</summary>
internal sealed record SensorListing(
    [FromQuery(Name = "tag")] string[]? Tag,
    [FromQuery(Name = "q")] string? Text,
    [FromQuery(Name = "place")] string? Place,
    [FromQuery(Name = "cursor")] string? Cursor,
    [FromQuery(Name = "limit")] string? Limit)
{
    private const int DefaultLimit = 100;
    private const int MaxLimit = 1000;

    public static ApiParameter[] Described { get; } =
        [ApiParameter.Tag, ApiParameter.Text, ApiParameter.Place, ApiParameter.Cursor, ApiParameter.Limit(DefaultLimit, MaxLimit)];

    /// <summary>The last sensor of the page before; null: the first page.</summary>
    public SensorRef? After =>
        string.IsNullOrEmpty(Cursor) ? null : SensorRef.Parse(Cursor) ?? throw ApiQuery.InvalidCursor(Cursor);

    /// <summary>The greatest number of sensors.</summary>
    public int Most => ApiQuery.Limit(Limit, DefaultLimit, MaxLimit);

    public SensorFilter ToFilter() => ApiQuery.Filter(Tag, Text, Place);
}
