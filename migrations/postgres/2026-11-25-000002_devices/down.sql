DROP TABLE device_reservations;
DROP TABLE devices;
