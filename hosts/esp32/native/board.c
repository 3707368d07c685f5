/*
 * What the SDK does not offer of the chip, for XS FFI: one plain function for each value. See native.ts.
 */

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

#include "esp_attr.h"
#include "esp_heap_caps.h"
#include "esp_sleep.h"
#include "esp_wifi.h"
#include "soc/soc_caps.h"

#if SOC_TEMP_SENSOR_SUPPORTED
/* The SDK's makefile has all of components/ in its include path, but not this component's own folder. */
#include "esp_driver_tsens/include/driver/temperature_sensor.h"
#endif

#define MICROSECONDS 1000000ULL

float board_temperature(void);
uint32_t board_free_memory(void);
uint32_t board_count_boot(void);
void board_sleep(uint32_t seconds);

#if SOC_TEMP_SENSOR_SUPPORTED

/** The sensor is most precise in this range, °C. */
#define COLDEST (-10)
#define HOTTEST 80

static temperature_sensor_handle_t sensor(void)
{
	static temperature_sensor_handle_t handle;
	static bool is_tried;
	if (!is_tried) {
		temperature_sensor_config_t config = TEMPERATURE_SENSOR_CONFIG_DEFAULT(COLDEST, HOTTEST);
		is_tried = true;
		if (temperature_sensor_install(&config, &handle) != ESP_OK)
			handle = NULL;
		else if (temperature_sensor_enable(handle) != ESP_OK) {
			temperature_sensor_uninstall(handle);
			handle = NULL;
		}
	}
	return handle;
}

/** The chip's temperature in °C; NaN when it does not tell. */
float board_temperature(void)
{
	float celsius;
	temperature_sensor_handle_t handle = sensor();
	return handle && temperature_sensor_get_celsius(handle, &celsius) == ESP_OK ? celsius : NAN;
}

#else

/** The first ESP32 has no sensor that anybody has documented. */
float board_temperature(void)
{
	return NAN;
}

#endif

/** Bytes of memory that nobody uses, outside of XS's heap. */
uint32_t board_free_memory(void)
{
	return heap_caps_get_free_size(MALLOC_CAP_8BIT);
}

/** How often the chip has started since power came, this time included; to be called once. Survives deep sleep. */
uint32_t board_count_boot(void)
{
	static RTC_DATA_ATTR uint32_t boots;
	return ++boots;
}

/** Turns everything off but the clock that starts the chip anew after so many seconds. Does not return. */
void board_sleep(uint32_t seconds)
{
	esp_wifi_stop();
	esp_deep_sleep(seconds * MICROSECONDS);
}
