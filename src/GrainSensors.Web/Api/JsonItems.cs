using System.Text.Json;
using GrainSensors.Core.Readings;
using Microsoft.AspNetCore.Http;

namespace GrainSensors.Web.Api;

/// <summary>The objects of a body, each as the bytes that came: what is judged and produced is what was sent.</summary>
internal static class JsonItems
{
    /// <summary>An item in an array is one deeper than it is by itself.</summary>
    private static readonly JsonReaderOptions Strict = new() { MaxDepth = ReadingParser.MaxDepth + 1 };

    /// <param name="utf8">An array, or one value by itself.</param>
    /// <param name="most">More than this are refused.</param>
    /// <returns>Where each item stands.</returns>
    /// <exception cref="ApiProblem">It is no JSON, or has too many items.</exception>
    public static List<Range> Split(ReadOnlySpan<byte> utf8, int most)
    {
        var items = new List<Range>();
        var reader = new Utf8JsonReader(utf8, Strict);
        try
        {
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartArray)
            {
                return [Range.All];
            }

            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                var start = (int)reader.TokenStartIndex;
                reader.Skip();
                items.Add(start..(int)reader.BytesConsumed);
                if (items.Count > most)
                {
                    throw new ApiProblem(StatusCodes.Status413PayloadTooLarge, $"More than {most} readings in one request; send them in several.");
                }
            }

            while (reader.Read())
            {
                // Nothing may follow; the reader sees to it.
            }
        }
        catch (JsonException e)
        {
            throw ApiQuery.Bad($"The body is no JSON: line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}.");
        }

        return items;
    }
}
